import { describe, expect, it } from 'vitest';
import { type DomainSpec, ENDS_TO_RESTART } from '../../compute.js';
import { applyDomain } from './apply-domain.js';
import { buildDomain } from './build-domain.js';
import { describeDomain } from './describe-domain.js';
import type { Surroundings } from './surroundings.js';
import { FOREIGN_DOMAIN } from './testing/foreign.js';
import {
  sampleDisk,
  sampleDrive,
  sampleNic,
  sampleSpec,
  sampleSurroundings,
  sampleVolume,
  sampleVolumes,
} from './testing/samples.js';
import { child, children, type Element, formatXml, parseXml } from './xml.js';

const MIB = 2 ** 20;
const bridgeOf = (network: string) => (network === 'default' ? 'virbr0' : undefined);
const look = { volumes: sampleVolumes(), persistent: true, autostart: false, bridgeOf };

/** Everything of a description but our own data. */
function withoutOurs(xml: string): string {
  return xml.replace(/<xenapi:domain.*?<\/xenapi:domain>/, '');
}

/** The devices of a kind in a description, as text. */
function devices(xml: string, name: string): readonly string[] {
  return children(child(parseXml(xml), 'devices'), name).map((one: Element) => formatXml(one));
}

describe('a domain of other origin', () => {
  const found = describeDomain(FOREIGN_DOMAIN, look);
  const surroundings = (spec: DomainSpec, changes: Partial<Surroundings> = {}) =>
    sampleSurroundings(spec, { bridgeOf, ...changes });
  const apply = (changes: Partial<DomainSpec>, of: Partial<Surroundings> = {}, existing = FOREIGN_DOMAIN) => {
    const spec = { ...found, ...changes };
    return applyDomain(existing, spec, surroundings(spec, of));
  };
  const untouched = apply({});

  it('stays as it is, but for our data, when nothing is new', () => {
    expect(withoutOurs(untouched)).toBe(formatXml(parseXml(FOREIGN_DOMAIN)));
    expect(apply({}, {}, untouched)).toBe(untouched);
    expect(describeDomain(untouched, look)).toEqual(found);
    // It is the host's business where screens are and what new domains are.
    expect(apply({}, { vncSocket: '/run/elsewhere', type: 'qemu' }, untouched)).toBe(untouched);
  });

  it('is changed only where something is new', () => {
    const before = withoutOurs(untouched);
    const more = apply({ memory: { ...found.memory, staticMax: 4096 * MIB } });
    expect(withoutOurs(more)).toBe(before.replace('<memory unit="GiB">2<', '<memory unit="KiB">4194304<'));
    const described = apply({ description: 'For <all> & "some"' });
    expect(withoutOurs(described)).toBe(
      before.replace('</domain>', '<description>For &lt;all&gt; &amp; "some"</description></domain>'),
    );
    const renewed = apply({ after: { ...found.after, reboot: ENDS_TO_RESTART } });
    expect(withoutOurs(renewed)).toBe(before.replace('<on_reboot>restart', '<on_reboot>destroy'));
    expect(describeDomain(renewed, look).after.reboot).toBe(ENDS_TO_RESTART);
    const halted = apply({ after: { ...found.after, reboot: 'destroy' } });
    expect(withoutOurs(halted)).toBe(before.replace('<on_reboot>restart', '<on_reboot>destroy'));
  });

  it('keeps its name when the label is new', () => {
    const xml = apply({ name: 'Post/Office' });
    expect(xml).toContain('<name>mail</name>');
    expect(xml).toContain('<title>Post/Office</title>');
    expect(describeDomain(xml, look).name).toBe('Post/Office');
    expect(apply({ name: 'Post' }, { name: 'Post' })).toContain('<name>Post</name>');
  });

  it('gets a disk beside its own ones', () => {
    const xml = apply({ disks: [...found.disks, sampleDisk(4)] });
    const [first, second, third, drive, floppy, added] = devices(xml, 'disk');
    expect([first, second, third, drive, floppy]).toEqual(devices(untouched, 'disk'));
    expect(added).toContain('dev="vde"');
    expect(added).not.toContain('boot');
    expect(xml).toContain('<boot dev="network"/>');
  });

  it('gets a disk under another name where its own is taken', () => {
    const xml = apply({ disks: [...found.disks.filter(({ position }) => position !== 2), sampleDisk(2)] });
    const [, , rbd, , , added] = devices(xml, 'disk');
    expect(rbd).toContain('dev="vdc"');
    expect(added).toContain('dev="vdd"');
  });

  it('loses no device that the model does not know', () => {
    const xml = apply({ disks: [], nics: [] });
    // Of the disks it had been told the volumes of two.
    expect(devices(xml, 'disk')).toEqual([1, 2, 4].map((at) => devices(untouched, 'disk')[at]));
    expect(devices(xml, 'interface')).toEqual([devices(untouched, 'interface')[2]]);
    for (const kind of ['hostdev', 'filesystem', 'graphics', 'serial'])
      expect(devices(xml, kind)).toEqual(devices(untouched, kind));
  });

  it('loses what the model had, once it has no longer', () => {
    const xml = apply({ disks: found.disks.slice(0, 1) }, {}, untouched);
    expect(devices(xml, 'disk')).toEqual([devices(untouched, 'disk')[0], devices(untouched, 'disk')[4]]);
  });

  it('keeps what somebody adds after it was edited', () => {
    const added = `<disk type="block" device="disk"><source dev="/dev/new"/><target dev="vdx" bus="virtio"/></disk>`;
    const xml = apply({}, {}, untouched.replace('</devices>', `${added}</devices>`));
    expect(devices(xml, 'disk')).toHaveLength(6);
  });

  it('keeps driver and address of a disk whose data is elsewhere', () => {
    const [disk, ...others] = found.disks;
    if (!disk) throw new Error('there is a disk');
    const xml = apply({ disks: [{ ...disk, volume: sampleVolume('copy') }, ...others] });
    const [first] = devices(xml, 'disk');
    expect(first).toContain('<source file="/srv/sample/copy.qcow2"/>');
    expect(first).toContain('cache="writeback" io="threads" iothread="1"');
    expect(first).toContain('slot="0x07"');
    expect(first).toContain('<serial>MAIL-0001</serial>');
  });

  it('keeps a medium that the model does not know, and ejects one that it does', () => {
    const unknown = FOREIGN_DOMAIN.replace('/srv/sample/tools.qcow2', '/srv/private.iso');
    const private_ = describeDomain(unknown, look);
    expect(applyDomain(unknown, private_, surroundings(private_))).toContain('/srv/private.iso');
    const ejected = found.disks.map((disk) => (disk.kind === 'CD' ? { ...disk, volume: undefined } : disk));
    expect(devices(apply({ disks: ejected }), 'disk')[3]).not.toContain('source');
  });

  it('gets a card, another bridge and another address', () => {
    const [first, second] = found.nics;
    if (!first || !second) throw new Error('there are two cards');
    const xml = apply({ nics: [{ ...first, bridge: 'xenbr0' }, { ...second, mac: '02:00:00:00:00:99' }, sampleNic(2)] });
    const [moved, renamed, passed, added] = devices(xml, 'interface');
    expect(moved).toContain('type="bridge"');
    expect(moved).toContain('<source bridge="xenbr0"/>');
    expect(moved).toContain('<bandwidth>');
    expect(renamed).toContain('<source dev="eth1" mode="bridge"/>');
    expect(renamed).toContain('02:00:00:00:00:99');
    expect(passed).toBe(devices(untouched, 'interface')[2]);
    expect(added).toContain('type="e1000"');
  });

  it('is booted in another order by number, beside what has a number already', () => {
    const params = new Map([['order', 'cdn']]);
    const numbered = FOREIGN_DOMAIN.replace(/<boot dev='.*?'\/>/g, '').replace('</hostdev>', `<boot order='7'/></hostdev>`);
    const xml = apply({ boot: { kind: 'hvm', params } }, {}, numbered);
    expect(apply({ boot: { kind: 'hvm', params } })).not.toContain('<boot dev');
    expect(xml).not.toContain('<boot dev');
    expect(devices(xml, 'disk')[0]).toContain('<boot order="1"/>');
    expect(devices(xml, 'interface')[1]).toContain('<boot order="6"/>');
    expect(devices(xml, 'hostdev')[0]).toContain('<boot order="7"/>');
  });

  it('boots a kernel only as long as it is told to', () => {
    const kernel = { kernel: '/run/k', ramdisk: '/run/r', args: 'quiet' };
    const boot = {
      kind: 'pv',
      bootloader: 'eliloader',
      bootloaderArgs: '',
      kernel: '',
      ramdisk: '',
      args: '',
      installRepository: 'http://x',
      installation: new Map(),
    } as const;
    const installing = apply({ boot }, { kernel });
    expect(installing).toContain('<kernel>/run/k</kernel><initrd>/run/r</initrd><cmdline>quiet</cmdline>');
    expect(installing).toContain('<on_reboot>destroy');
    expect(describeDomain(installing, look)).toMatchObject({ boot, after: found.after });
    const installed = apply({ boot: { ...boot, bootloader: 'pygrub', installRepository: '' } }, {}, installing);
    expect(installed).not.toContain('<kernel>');
    expect(installed).toContain('<on_reboot>restart');
  });
});

describe('a domain that was made here', () => {
  const spec = sampleSpec();
  const made = buildDomain(spec, sampleSurroundings(spec));
  const apply = (changes: Partial<DomainSpec>, of: Partial<Surroundings> = {}) => {
    const changed = { ...spec, ...changes };
    return applyDomain(made, changed, sampleSurroundings(changed, of));
  };

  it('comes back letter for letter when nothing is new', () => {
    expect(applyDomain(made, spec, sampleSurroundings(spec))).toBe(made);
    const formatted = made.replaceAll('"/>', '" />');
    expect(applyDomain(formatted, spec, sampleSurroundings(spec))).toBe(formatted);
  });

  it('moves with the surroundings', () => {
    const moved = apply({}, { vncSocket: '/run/elsewhere/vnc.sock', type: 'kvm', controlGroups: 1 });
    expect(moved).toContain('<domain type="kvm">');
    expect(moved).toContain('<cpu mode="host-model" check="partial">');
    expect(moved).toContain('<listen type="socket" socket="/run/elsewhere/vnc.sock"/>');
    expect(moved).toContain('<shares>2048</shares>');
  });

  it('has the format and place that its data has now', () => {
    const disk = spec.disks[0];
    if (!disk) throw new Error('there is a disk');
    const source = { path: '/dev/vg/data', kind: 'block', format: 'raw', readOnly: false } as const;
    const sources = new Map([...sampleSurroundings(spec).sources, [disk.vbd, source]]);
    const [first] = devices(apply({}, { sources }), 'disk');
    expect(first).toContain('type="block"');
    expect(first).toContain('<source dev="/dev/vg/data"/>');
    expect(first).toContain('type="raw" cache="none"');
  });

  it('keeps its disks while their data cannot be found, and leaves out those that have other data', () => {
    const none = { sources: new Map() };
    expect(devices(apply({}, none), 'disk')).toEqual(devices(made, 'disk'));
    const disks = spec.disks.map((disk) => (disk.position === 0 ? { ...disk, volume: sampleVolume('other') } : disk));
    const left = apply({ disks }, none);
    expect(devices(left, 'disk')).toEqual(devices(made, 'disk').slice(1));
    expect(describeDomain(left, look).disks).toContainEqual(disks[0]);
  });

  it('loses devices that the model no longer has, and gets new ones where those were', () => {
    const replaced = sampleDisk(1, { vbd: '00000000-0000-4000-8000-00000000abcd', volume: sampleVolume('new') });
    const xml = apply({ disks: [sampleDisk(0), replaced], nics: [] });
    expect(devices(xml, 'interface')).toEqual([]);
    expect(devices(xml, 'disk').map((one) => /dev="(.*?)"/.exec(one)?.[1])).toEqual(['vda', 'vdb']);
  });

  it('exchanges the places of two disks', () => {
    const xml = apply({ disks: [sampleDisk(0, { position: 1 }), sampleDisk(1, { position: 0 }), sampleDrive(3)] });
    const found = describeDomain(xml, look).disks.map(({ position, volume }) => [position, volume?.location]);
    expect(found).toEqual([
      [0, 'disk-1'],
      [1, 'disk-0'],
      [3, undefined],
    ]);
    expect(devices(xml, 'disk').map((one) => /dev="(.*?)"/.exec(one)?.[1])).toEqual(['vdb', 'vda', 'sdd']);
  });

  it('finds new places for all devices on another machine', () => {
    const addressed = made.replace(
      '<boot order="1"/>',
      `<boot order="1"/><address type="pci" domain="0x0000" bus="0x03" slot="0x00" function="0x0"/>`,
    );
    const changed = { ...spec, platform: new Map([...spec.platform, ['machine', 'pc']]) };
    const xml = applyDomain(addressed, changed, sampleSurroundings(changed));
    expect(xml).not.toMatch(/pcie|address type="pci"|xhci/);
    expect(xml).toContain('machine="pc"');
    expect(xml).toContain('dev="hdd" bus="ide"');
  });

  it('has room for more devices with every one that is added', () => {
    const ports = (xml: string) => devices(xml, 'controller').filter((one) => one.includes('pcie-root-port')).length;
    expect(ports(apply({ disks: [...spec.disks, sampleDisk(4)] }))).toBe(ports(made) + 1);
  });
});

describe('what UEFI keeps for a guest', () => {
  const firmware = (kind: string, secureboot = 'false'): Pick<DomainSpec, 'boot' | 'platform'> => ({
    boot: { kind: 'hvm', params: new Map([['firmware', kind]]) },
    platform: new Map([['secureboot', secureboot]]),
  });
  const build = (changes: Partial<DomainSpec>) => {
    const spec = sampleSpec(changes);
    return { spec, xml: buildDomain(spec, sampleSurroundings(spec)) };
  };
  const { spec, xml } = build(firmware('uefi'));
  const apply = (changes: Partial<DomainSpec>, existing = xml) => {
    const next = { ...spec, ...changes };
    return applyDomain(existing, next, sampleSurroundings(next));
  };
  const place = (of: string) => child(parseXml(of), 'os', 'nvram')?.textContent ?? undefined;

  it('is in a file named by the uuid, which a new name does not change', () => {
    expect(place(xml)).toBe(`/var/lib/libvirt/qemu/nvram/${spec.uuid}_VARS.fd`);
    expect(place(apply({ name: 'another name' }))).toBe(place(xml));
    expect(place(build(firmware('bios')).xml)).toBeUndefined();
    expect(place(apply(firmware('bios')))).toBeUndefined();
  });

  it('stays where somebody put it, with other firmware too', () => {
    const elsewhere = xml.replace(/<nvram>[^<]*/, '<nvram>/srv/sample/vars.fd');
    expect(place(apply(firmware('uefi', 'true'), elsewhere))).toBe('/srv/sample/vars.fd');
    expect(describeDomain(elsewhere, look).platform.get('secureboot')).toBe('false');
  });
});
