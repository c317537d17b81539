import { describe, expect, it } from 'vitest';
import type { DiskSpec, DomainSpec } from '../../../compute.js';
import type { VolumeSource } from '../../volume-source.js';
import { migrationParams, peerUri } from './migrate.js';
import { relocate } from './relocate.js';

const [DISK, DRIVE, CARD, NEW] = [1, 2, 3, 4].map((n) => `a5a5a5a5-0000-4000-8000-00000000000${n}`);
const XML = `<domain type='qemu'><name>one</name><uuid>a5a5a5a5-0000-4000-8000-000000000000</uuid><devices>
  <disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/><source file='/here/old'/><backingStore type='file'><source file='/here/base'/></backingStore><target dev='vda' bus='virtio'/><alias name='ua-${DISK}'/><address type='pci' bus='0x03'/></disk>
  <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/here/iso'/><target dev='sda' bus='sata'/><readonly/><alias name='ua-${DRIVE}'/></disk>
  <interface type='bridge'><mac address='02:00:00:00:00:01'/><source bridge='br0'/><alias name='ua-${CARD}'/></interface>
  <graphics type='vnc' socket='/here/vnc'><listen type='socket' socket='/here/vnc'/></graphics>
  <graphics type='vnc' port='5901'><listen type='address' address='127.0.0.1'/></graphics>
</devices></domain>`;

const disk = (vbd = '', position = 0, kind: DiskSpec['kind'] = 'Disk'): DiskSpec => ({
  vbd,
  position,
  kind,
  writable: kind === 'Disk',
  bootable: true,
  volume: undefined,
  qos: new Map(),
});
const spec = (disks: readonly DiskSpec[], bridge = 'br0'): DomainSpec => ({
  uuid: 'a5a5a5a5-0000-4000-8000-000000000000',
  name: 'one',
  description: '',
  vcpus: { max: 1, online: 1, params: new Map() },
  memory: { staticMax: 1, dynamicMax: 1, dynamicMin: 1, target: 1 },
  boot: { kind: 'hvm', params: new Map() },
  platform: new Map(),
  guestData: new Map(),
  disks,
  nics: [
    {
      vif: CARD ?? '',
      position: 0,
      mac: '02:00:00:00:00:01',
      mtu: 1500,
      bridge,
      locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
      qos: new Map(),
    },
  ],
  after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
});
const source = (path: string, format: VolumeSource['format'] = 'qcow2', kind: VolumeSource['kind'] = 'file') =>
  ({ path, kind, format, readOnly: false }) satisfies VolumeSource;

describe('a description that goes elsewhere', () => {
  it('has the data of disks there, and nothing of the chain here', () => {
    const sources = new Map([[DISK ?? '', source('/dev/there', 'qcow2', 'block')]]);
    const moved = relocate(XML, spec([disk(DISK), disk(DRIVE, 3, 'CD')]), { sources, vncSocket: '/there/vnc' });
    expect(moved).toContain('<source dev="/dev/there"/>');
    expect(moved).toMatch(/<disk type="block" device="disk">\s*<driver name="qemu" type="qcow2" cache="none"\/>/);
    expect(moved).not.toMatch(/backingStore|\/here\//);
    // What the guest sees of it stays.
    expect(moved).toContain('<address type="pci" bus="0x03"/>');
  });

  it('has the screen and the card where they are there', () => {
    const moved = relocate(XML, spec([], 'br7'), { sources: new Map(), vncSocket: '/there/vnc' });
    expect(moved).toContain('<graphics type="vnc" socket="/there/vnc"><listen type="socket" socket="/there/vnc"/>');
    expect(moved).toContain('<graphics type="vnc" port="5901">');
    expect(moved).toContain('<source bridge="br7"/>');
    expect(moved).not.toContain('br0');
  });

  it('finds a disk by its place when the VM went back to a snapshot, and names it anew', () => {
    const sources = new Map([[NEW ?? '', source('/there/new')]]);
    const moved = relocate(XML, spec([disk(NEW, 0)]), { sources, vncSocket: '/there/vnc' });
    expect(moved).toContain('<source file="/there/new"/>');
    expect(moved).toContain(`<alias name="ua-${NEW}"/>`);
    expect(moved).not.toContain(`ua-${DISK}`);
  });
});

describe('the way to another host', () => {
  it('is no way back to the same daemon', () => {
    expect(peerUri('qemu:///system?socket=/run/x')).toBe('qemu+unix:///system?socket=/run/x');
    expect(peerUri('qemu+tls://b/system')).toBe('qemu+tls://b/system');
  });

  it('goes over a socket between daemons of one machine, else over the network', () => {
    const fields = (uri: string) =>
      migrationParams(uri, '/run/gateway', 'u', '<domain/>').map(({ field, value }) => [field, value]);
    expect(fields('qemu+unix:///system')).toEqual([
      ['destination_xml', '<domain/>'],
      ['migrate_uri', 'unix:///run/gateway/u.migration'],
    ]);
    expect(fields('qemu+tls://b/system')).toEqual([['destination_xml', '<domain/>']]);
  });
});
