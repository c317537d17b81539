import { v4 as newUuid } from 'uuid';
import type { DiskSpec, DomainSpec, NicSpec } from '../../../compute.js';
import type { VolumeAddress } from '../../../storage.js';

const MIB = 2 ** 20;

/** A VM without devices and system: its firmware finds nothing to boot, which is enough for what a host does to it. */
export function bareDomain(changes: Partial<DomainSpec> = {}): DomainSpec {
  return {
    uuid: newUuid(),
    name: `bare ${newUuid().slice(0, 8)}`,
    description: '',
    vcpus: { max: 1, online: 1, params: new Map() },
    memory: { staticMax: 32 * MIB, dynamicMax: 32 * MIB, dynamicMin: 32 * MIB, target: 32 * MIB },
    boot: { kind: 'hvm', params: new Map([['order', 'c']]) },
    platform: new Map([['acpi', '1']]),
    guestData: new Map(),
    disks: [],
    nics: [],
    after: { shutdown: 'destroy', reboot: 'restart', crash: 'destroy' },
    ...changes,
  };
}

/** The first disk of a VM. */
export function bareDisk(volume: VolumeAddress, changes: Partial<DiskSpec> = {}): DiskSpec {
  const disk = { vbd: newUuid(), position: 0, kind: 'Disk', writable: true, bootable: true, volume, qos: new Map() } as const;
  return { ...disk, ...changes };
}

/** The first card of a VM. */
export function bareNic(bridge: string, changes: Partial<NicSpec> = {}): NicSpec {
  const locking = { mode: 'unlocked', ipv4: [], ipv6: [] } as const;
  return { vif: newUuid(), position: 0, mac: '02:00:00:00:00:01', mtu: 1500, bridge, locking, qos: new Map(), ...changes };
}
