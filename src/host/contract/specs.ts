import { v4 as newUuid } from 'uuid';
import type { DiskSpec, DomainSpec, NicSpec } from '../compute.js';
import type { VolumeAddress } from '../storage.js';
import type { ComputeFixture } from './compute.contract.js';

const MIB = 2 ** 20;

/** Descriptions of domains and devices for the hosts of a fixture; `fixture` gives the one that is tested now. */
export function specsFor(fixture: () => ComputeFixture) {
  const disk = (volume: VolumeAddress | undefined, changes: Partial<DiskSpec> = {}): DiskSpec => ({
    vbd: newUuid(),
    position: 0,
    kind: 'Disk',
    writable: true,
    bootable: true,
    volume,
    qos: new Map(),
    ...changes,
  });
  const nic = (position: number): NicSpec => ({
    vif: newUuid(),
    position,
    mac: `02:00:00:00:00:0${position}`,
    mtu: 1500,
    bridge: fixture().bridge,
    locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
    qos: new Map(),
  });
  const spec = async (changes: Partial<DomainSpec> = {}): Promise<DomainSpec> => ({
    uuid: newUuid(),
    name: 'domain',
    description: '',
    vcpus: { max: 2, online: 1, params: new Map() },
    memory: { staticMax: 256 * MIB, dynamicMax: 256 * MIB, dynamicMin: 128 * MIB, target: 256 * MIB },
    boot: fixture().boot ?? { kind: 'hvm', params: new Map([['order', 'cd']]) },
    platform: new Map([['acpi', '1']]),
    guestData: new Map(),
    disks: [disk(await fixture().makeVolume(8 * MIB)), disk(undefined, { kind: 'CD', position: 3, writable: false })],
    nics: [nic(0)],
    after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
    ...changes,
  });
  return { disk, nic, spec };
}
