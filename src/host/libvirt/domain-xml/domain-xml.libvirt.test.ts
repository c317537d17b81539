import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { BRIDGE } from '../../../../test-support/libvirt/host/network.js';
import type { DomainSpec, FoundDomain } from '../../compute.js';
import { applyDomain } from './apply-domain.js';
import { buildDomain } from './build-domain.js';
import { consoles } from './consoles.js';
import { describeDomain } from './describe-domain.js';
import { devicePlace, diskDevice, nicDevice } from './find-device.js';
import {
  sampleDisk,
  sampleDrive,
  sampleNic,
  sampleSource,
  sampleSpec,
  sampleSurroundings,
  sampleVolume,
  sampleVolumes,
} from './testing/samples.js';

const MIB = 2 ** 20;
const CONTROL_GROUPS = 1;

const keys = (of: Readonly<Record<string, string>>) => ({ platform: new Map([...sampleSpec().platform, ...Object.entries(of)]) });
const hvm = (firmware: string): Pick<DomainSpec, 'boot'> => ({
  boot: {
    kind: 'hvm',
    params: new Map([
      ['order', 'cd'],
      ['firmware', firmware],
    ]),
  },
});

/** VMs that differ in the hardware that their domains have. */
const KINDS: Readonly<Record<string, Partial<DomainSpec>>> = {
  usual: {},
  'UEFI, able to do secure boot': { ...hvm('uefi'), ...keys({ secureboot: 'auto' }) },
  'secure boot and TPM': { ...hvm('uefi'), ...keys({ secureboot: 'true', vtpm: 'true' }) },
  'SATA and e1000': {
    ...keys({ 'disk-bus': 'sata', 'nic-model': 'e1000' }),
    disks: [sampleDisk(0), sampleDisk(1, { writable: false }), sampleDrive(3)],
  },
  'IDE and rtl8139': keys({ 'disk-bus': 'ide', nic_type: 'rtl8139', vga: 'cirrus' }),
  'SCSI, no serial port': keys({ 'disk-bus': 'scsi', vga: 'virtio', hvm_serial: 'none' }),
  'tuned, for Windows': {
    vcpus: {
      max: 6,
      online: 3,
      params: new Map([
        ['weight', '1000'],
        ['cap', '150'],
        ['mask', '0;0,1'],
      ]),
    },
    ...keys({ 'cores-per-socket': '3', viridian: 'true', vga: 'none' }),
  },
  'many devices': {
    disks: [sampleDisk(0), sampleDisk(1), sampleDisk(2), sampleDrive(3), sampleDrive(4), sampleDisk(5)],
    nics: [0, 1, 2, 3, 4, 5, 6].map((at) => sampleNic(at, { mtu: 1400 + at })),
  },
  'limited and read-only': {
    disks: [
      sampleDisk(0, {
        writable: false,
        qos: new Map([
          ['kbps', '1000'],
          ['iops', '50'],
        ]),
      }),
    ],
  },
};

describe('descriptions of domains, as libvirt takes them', () => {
  let host: LabHost;
  let directory: string;

  beforeAll(async () => {
    host = await startHost();
    directory = join(host.shared, 'disks');
    await mkdir(directory, { recursive: true });
    for (const at of [0, 1, 2, 5])
      await execute('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, `disk-${at}.qcow2`), '8M']);
  });
  afterAll(() => host.close());
  afterEach(async () => {
    for (const uuid of (await host.virsh('list', '--all', '--uuid')).split('\n').filter(Boolean)) {
      await host.virsh('destroy', uuid).catch(() => undefined);
      await host.virsh('undefine', '--nvram', uuid);
    }
  });

  const specOf = (changes: Partial<DomainSpec> = {}): DomainSpec => {
    const spec = sampleSpec({ uuid: newUuid(), ...changes });
    return { ...spec, nics: spec.nics.map((nic) => ({ ...nic, bridge: BRIDGE })) };
  };
  const surroundings = (spec: DomainSpec) =>
    sampleSurroundings(spec, { directory, controlGroups: CONTROL_GROUPS, vncSocket: join(host.directory, 'screen.sock') });
  const told = (xml: string, inactive?: string): DomainSpec => {
    const look = {
      volumes: sampleVolumes(directory),
      persistent: true,
      autostart: false,
      controlGroups: CONTROL_GROUPS,
      inactive,
    } as const;
    const { persistent: _, autostart: __, ...rest }: FoundDomain = describeDomain(xml, look);
    return rest;
  };
  const define = async (xml: string): Promise<void> => {
    const file = join(host.directory, 'domain.xml');
    await writeFile(file, xml);
    await host.virsh('define', '--validate', file);
  };
  const inactive = ({ uuid }: DomainSpec) => host.virsh('dumpxml', '--inactive', '--security-info', uuid);

  for (const [kind, changes] of Object.entries(KINDS)) {
    it(`come back from libvirt as they were meant, and start: ${kind}`, async () => {
      const spec = specOf(changes);
      await define(buildDomain(spec, surroundings(spec)));
      const kept = await inactive(spec);
      expect(told(kept)).toEqual(spec);
      expect(applyDomain(kept, spec, surroundings(spec))).toBe(kept);
      await host.virsh('start', '--paused', spec.uuid);
      const live = await host.virsh('dumpxml', spec.uuid);
      expect(told(live, kept)).toEqual(spec);
      expect(told(live)).toEqual(spec);
    });
  }

  it('hold any text', async () => {
    const text = ` a/b "<&>' \u0001 \ud800 \ufffe ü😀\u2028\u0085 ]]> \n\r\n\t\\ `;
    const spec = specOf({
      name: text,
      description: text,
      guestData: new Map([
        [text, text],
        ['__proto__', text],
      ]),
    });
    await define(buildDomain(spec, surroundings(spec)));
    const kept = await inactive(spec);
    expect(told(kept)).toEqual(spec);
    expect(applyDomain(kept, spec, surroundings(spec))).toBe(kept);
  });

  it('can be changed into any other', async () => {
    const { uuid } = specOf();
    let before: string | undefined;
    for (const changes of Object.values(KINDS)) {
      const spec = specOf({ ...changes, uuid });
      await define(before === undefined ? buildDomain(spec, surroundings(spec)) : applyDomain(before, spec, surroundings(spec)));
      before = await inactive(spec);
      expect(told(before)).toEqual(spec);
    }
  });

  it('follow what virsh does', async () => {
    const spec = specOf();
    await define(buildDomain(spec, surroundings(spec)));
    await host.virsh('setvcpus', spec.uuid, '3', '--config');
    await host.virsh('setmem', spec.uuid, `${160 * 1024}`, '--config');
    await host.virsh('schedinfo', spec.uuid, '--config', '--set', 'cpu_shares=1024');
    await host.virsh('attach-disk', spec.uuid, join(directory, 'disk-5.qcow2'), 'vdf', '--config', '--subdriver', 'qcow2');
    await host.virsh('domrename', spec.uuid, 'renamed');
    const found = told(await inactive(spec));
    expect(found).toMatchObject({ name: 'renamed', vcpus: { max: 4, online: 3 }, memory: { ...spec.memory, target: 160 * MIB } });
    expect(found.vcpus.params).toEqual(new Map([['weight', '256']]));
    expect(found.disks.find(({ position }) => position === 5)?.volume).toEqual(sampleVolume('disk-5'));
    expect(found.platform).toEqual(spec.platform);
    const again = applyDomain(await inactive(spec), found, surroundings(found));
    await define(again);
    expect(told(await inactive(spec))).toEqual(found);
  });

  it('of devices are taken by a domain that lives', async () => {
    const spec = specOf();
    await define(buildDomain(spec, surroundings(spec)));
    await host.virsh('start', '--paused', spec.uuid);
    const place = devicePlace(await host.virsh('dumpxml', spec.uuid));
    const more = sampleDisk(2, { bootable: false });
    const card = sampleNic(4, { bridge: BRIDGE });
    const file = join(host.directory, 'device.xml');
    for (const device of [diskDevice(more, sampleSource(sampleVolume('disk-2'), directory), place), nicDevice(card, place)]) {
      await writeFile(file, device);
      await host.virsh('attach-device', spec.uuid, file, '--live');
    }
    const live = await host.virsh('dumpxml', spec.uuid);
    const found = told(live, await inactive(spec));
    expect(found.disks).toContainEqual(more);
    // What a card's position is, a description alone cannot tell.
    expect(found.nics).toContainEqual({ ...card, position: 2 });
    expect(consoles(live)).toEqual({
      vncSocket: join(host.directory, 'screen.sock'),
      serial: { alias: 'serial0', terminal: expect.stringMatching(/^\/dev\/pts\/\d+$/) },
    });
  });
});
