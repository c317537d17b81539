import { describe, expect, it } from 'vitest';
import type { DomainSpec } from '../../compute.js';
import { buildDomain } from './build-domain.js';
import { describeDomain } from './describe-domain.js';
import { devicePlace, diskDevice } from './find-device.js';
import { FOREIGN_DOMAIN, FOREIGN_UUID } from './testing/foreign.js';
import { sampleDisk, sampleSource, sampleSpec, sampleSurroundings, sampleVolume, sampleVolumes } from './testing/samples.js';

const look = {
  volumes: sampleVolumes(),
  persistent: true,
  autostart: true,
  bridgeOf: (network: string) => (network === 'default' ? 'virbr0' : undefined),
};
const MIB = 2 ** 20;

describe('a domain of other origin', () => {
  const found = describeDomain(FOREIGN_DOMAIN, look);

  it('has its own name, uuid, memory and CPUs', () => {
    expect(found).toMatchObject({
      uuid: FOREIGN_UUID,
      name: 'mail',
      description: '',
      persistent: true,
      autostart: true,
      memory: { staticMax: 2048 * MIB, dynamicMax: 1536 * MIB, dynamicMin: 1536 * MIB, target: 1536 * MIB },
      after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
    });
    expect(found.vcpus).toEqual({
      max: 4,
      online: 2,
      params: new Map([
        ['weight', '512'],
        ['mask', '0,1,3'],
      ]),
    });
  });

  it('has keys of platform for its hardware', () => {
    expect(Object.fromEntries(found.platform)).toEqual({
      acpi: 'true',
      apic: 'true',
      pae: 'false',
      viridian: 'false',
      localtime: 'true',
      machine: 'pc',
      'cores-per-socket': '4',
      'nic-model': 'e1000',
      vga: 'qxl',
      videoram: '64',
    });
    expect(found.boot).toEqual({
      kind: 'hvm',
      params: new Map([
        ['order', 'nc'],
        ['firmware', 'bios'],
      ]),
    });
  });

  it('has drives with the volumes of attached SRs, or what would make volumes of them', () => {
    const drives = found.disks.map(({ vbd: _, qos: __, ...disk }) => disk);
    expect(drives).toEqual([
      { position: 0, kind: 'Disk', writable: true, bootable: true, volume: sampleVolume('mail') },
      {
        position: 1,
        kind: 'Disk',
        writable: true,
        bootable: false,
        volume: undefined,
        uncovered: { type: 'file', deviceConfig: new Map([['location', '/srv/other']]), location: 'old.img' },
      },
      { position: 2, kind: 'Disk', writable: true, bootable: false, volume: undefined },
      { position: 3, kind: 'CD', writable: false, bootable: false, volume: sampleVolume('tools') },
    ]);
  });

  it('has cards on the bridges of its networks', () => {
    const cards = found.nics.map(({ position, mac, bridge, mtu }) => ({ position, mac, bridge, mtu }));
    expect(cards).toEqual([
      { position: 0, mac: '52:54:00:aa:00:01', bridge: 'virbr0', mtu: 1500 },
      { position: 1, mac: '52:54:00:aa:00:02', bridge: 'eth1', mtu: 1500 },
    ]);
  });

  it('has devices with the same uuids every time, and others than any other domain', () => {
    const uuids = ({ disks, nics }: DomainSpec) => [...disks.map(({ vbd }) => vbd), ...nics.map(({ vif }) => vif)];
    expect(uuids(describeDomain(FOREIGN_DOMAIN.replace('pc-i440fx-7.2', 'pc'), look))).toEqual(uuids(found));
    expect(new Set(uuids(found)).size).toBe(6);
    const other = uuids(describeDomain(FOREIGN_DOMAIN.replace(FOREIGN_UUID, 'c0ffee00-1111-2222-3333-444455556667'), look));
    expect(other.filter((uuid) => uuids(found).includes(uuid))).toEqual([]);
  });

  it('is paravirtual when it boots a kernel of the host', () => {
    const xml = FOREIGN_DOMAIN.replace('<bootmenu', '<kernel>/boot/k</kernel><cmdline>ro</cmdline><bootmenu');
    expect(describeDomain(xml, look).boot).toMatchObject({ kind: 'pv', kernel: '/boot/k', ramdisk: '', args: 'ro' });
  });

  it('has firmware and secure boot as it says, by name or by file', () => {
    const os = (inner: string, attributes = '') =>
      FOREIGN_DOMAIN.replace(/<os>[\s\S]*<\/os>/, `<os${attributes}><type machine='pc-q35-7.2'>hvm</type>${inner}</os>`);
    const of = (xml: string) => {
      const { boot, platform } = describeDomain(xml, look);
      return [boot.kind === 'hvm' && boot.params.get('firmware'), platform.get('secureboot'), platform.get('machine')];
    };
    expect(of(os(''))).toEqual(['bios', undefined, undefined]);
    expect(of(os(`<loader type='pflash' secure='yes'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>`))).toEqual([
      'uefi',
      'true',
      undefined,
    ]);
    expect(of(os('', ` firmware='efi'`))).toEqual(['uefi', undefined, undefined]);
    const setup = `<firmware><feature enabled='no' name='enrolled-keys'/><feature enabled='yes' name='secure-boot'/></firmware>`;
    expect(of(os(setup, ` firmware='efi'`))).toEqual(['uefi', 'auto', undefined]);
  });

  it('is refused when its text is none of a domain', () => {
    expect(() => describeDomain('<domain', look)).toThrow();
    expect(() => describeDomain('<domain/>', look)).toThrow();
  });
});

describe('a domain that was made here and changed outside', () => {
  const spec = sampleSpec();
  const made = buildDomain(spec, sampleSurroundings(spec));
  const changed = (from: string | RegExp, to: string) => {
    const text = made.replace(from, to);
    expect(text).not.toBe(made);
    return describeDomain(text, look);
  };

  it('has the new number of CPUs, memory and name', () => {
    const cpus = changed('current="2">4</vcpu>', 'current="3">6</vcpu>');
    expect(cpus.vcpus).toEqual({ ...spec.vcpus, max: 6, online: 3 });
    expect(cpus.platform).toEqual(spec.platform);
    const { memory } = changed('>262144</memory>', '>131072</memory>');
    expect(memory).toEqual({ staticMax: 128 * MIB, dynamicMax: 128 * MIB, dynamicMin: 128 * MIB, target: 128 * MIB });
    expect(changed('>196608</currentMemory>', '>98304</currentMemory>').memory).toEqual({
      ...spec.memory,
      dynamicMin: 96 * MIB,
      target: 96 * MIB,
    });
    expect(changed('<name>Web server', '<name>web').name).toBe('web');
    expect(changed('</uuid>', '</uuid><title>New title</title>').name).toBe('New title');
    expect(changed('Serves pages</description>', 'Serves mail</description>').description).toBe('Serves mail');
  });

  it('keeps what did not change beside it', () => {
    const { name: _, ...rest } = changed('<name>Web server', '<name>web');
    const { name: __, ...before } = spec;
    expect(rest).toMatchObject(before);
  });

  it('boots as it was told', () => {
    const swapped = changed('<boot order="1"/>', '<boot order="9"/>');
    expect(swapped.boot).toMatchObject({
      params: new Map([...(spec.boot.kind === 'hvm' ? spec.boot.params : []), ['order', 'cdn']]),
    });
    const { boot, disks } = changed(/<boot order="[123]"\/>/g, '');
    expect(boot).toMatchObject({
      params: new Map([
        ['order', 'n'],
        ['firmware', 'bios'],
      ]),
    });
    expect(disks.map(({ bootable }) => bootable)).toEqual([false, false, false]);
  });

  it('has a disk that was added, with its own uuid, and none that was taken away', () => {
    const added = sampleDisk(7);
    const device = diskDevice(added, sampleSource(sampleVolume('disk-7')), devicePlace(made));
    const found = changed('</devices>', `${device}</devices>`);
    expect(found.disks).toContainEqual({ ...added, bootable: false });
    expect(found.boot).toEqual(spec.boot);
    const fewer = changed(/<disk type="file" device="disk">(?:(?!<\/disk>).)*disk-1(?:(?!<\/disk>).)*<\/disk>/, '');
    expect(fewer.disks.map(({ position }) => position)).toEqual([0, 3]);
    expect(fewer.boot).toEqual(spec.boot);
  });

  it('has a medium that was put in', () => {
    const { disks } = changed('<target dev="sdd"', `<source file="/srv/sample/tools.qcow2"/><target dev="sdd"`);
    expect(disks.find(({ position }) => position === 3)).toMatchObject({ kind: 'CD', volume: sampleVolume('tools') });
  });

  it('has weight, cap, pinning, clock and crash action as they are', () => {
    expect(changed('<shares>200', '<shares>50').vcpus.params.get('weight')).toBe('128');
    expect(changed(/<cputune>.*<\/cputune>/, '').vcpus.params.has('weight')).toBe(false);
    expect(changed('adjustment="0"', 'adjustment="3600"').platform.get('timeoffset')).toBe('3600');
    expect(changed('<on_crash>destroy', '<on_crash>preserve').after.crash).toBe('preserve');
  });

  it('is described by what it says when its own data is damaged', () => {
    const { memory, platform, disks } = changed('"dynamicMin":134217728', '"dynamicMin":"much"');
    expect(memory.dynamicMin).toBe(192 * MIB);
    expect(platform.get('device-model')).toBeUndefined();
    expect(disks.map(({ vbd }) => vbd)).toEqual(spec.disks.map(({ vbd }) => vbd));
  });
});

describe('a domain that lives', () => {
  const spec = sampleSpec();
  const started = buildDomain(spec, sampleSurroundings(spec)).replace('<domain type="qemu"', '<domain type="qemu" id="7"');

  it('has settings of its next start, and the devices of now', () => {
    const next = sampleSpec({ name: 'Later', disks: [sampleDisk(0)], vcpus: { ...spec.vcpus, max: 8 } });
    const inactive = buildDomain(next, sampleSurroundings(next));
    const found = describeDomain(started, { ...look, inactive });
    expect(found).toMatchObject({ name: 'Later', vcpus: { max: 8 } });
    expect(found.disks.map(({ position }) => position)).toEqual([0, 1, 3]);
  });

  it('was told of its memory what it was told, whatever its balloon has reached', () => {
    const found = describeDomain(started.replace('>196608</currentMemory>', '>262144</currentMemory>'), look);
    expect(found.memory).toEqual(spec.memory);
  });
});

describe('drives whose data could not be found', () => {
  it('are still described', () => {
    const spec = sampleSpec({ disks: [sampleDisk(0), sampleDisk(3, { kind: 'CD', writable: false })] });
    const xml = buildDomain(spec, sampleSurroundings(spec, { sources: new Map() }));
    expect(xml).not.toContain('device="disk"');
    expect(describeDomain(xml, look).disks).toEqual(expect.arrayContaining([...spec.disks]));
  });
});
