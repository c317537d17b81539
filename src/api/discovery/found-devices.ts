import type { Database } from '../../db/database.js';
import type { DomainSpec, FoundDisk, FoundDomain, NicSpec } from '../../host/compute.js';
import type { Ref } from '../../model/ref.js';
import { recordVif, removeVifRecord } from '../network/vif-record.js';
import { DISK_LIMITS, recordVbd, removeVbdRecord } from '../storage/vbd-record.js';
import { deviceName } from '../world/domain-records.js';
import { type FoundVdis, vdiInDrive } from './found-disks.js';
import { foundNetwork } from './found-networks.js';

/** What a domain had when it was looked at last, as far as its devices go. */
export type Devices = Pick<DomainSpec, 'disks' | 'nics'>;

/** What a new VM has. */
export const NO_DEVICES: Devices = { disks: [], nics: [] };

/** A change of a VM's devices that somebody made on the host. */
export interface DeviceChange {
  readonly vm: Ref<'VM'>;
  readonly before: Devices;
  readonly now: FoundDomain;
  /** Whether the domain lives: then a device that is gone was unplugged, and else it is no longer there. */
  readonly lives: boolean;
}

/**
 * Writes which drives came, went, or have another medium. A drive that the model cannot show (one with data that is in
 * no SR) has no record.
 */
export function followDrives(db: Database, { vm, before, now, lives }: DeviceChange, vdis: FoundVdis): void {
  const records = new Map(db.get('VM', vm).VBDs.map((ref) => [db.get('VBD', ref).uuid, ref]));
  const old = new Map(before.disks.map((disk) => [disk.vbd, disk]));
  for (const disk of now.disks) {
    const ref = records.get(disk.vbd);
    const previous = old.get(disk.vbd);
    old.delete(disk.vbd);
    if (!ref) {
      if (!previous && (disk.kind === 'CD' || vdis.has(disk.vbd))) createDrive(db, vm, disk, vdis, lives);
    } else if (!previous || previous.volume?.location !== disk.volume?.location || previous.volume?.sr !== disk.volume?.sr)
      db.set('VBD', ref, { ...vdiInDrive(vdis, disk), ...(lives && { currently_attached: true }) });
  }
  for (const { vbd } of old.values()) {
    const ref = records.get(vbd);
    if (!ref) continue;
    if (lives) db.set('VBD', ref, { currently_attached: false });
    else removeVbdRecord(db, ref);
  }
}

function createDrive(db: Database, vm: Ref<'VM'>, disk: FoundDisk, vdis: FoundVdis, lives: boolean): void {
  const userdevice = String(disk.position);
  recordVbd(db, {
    uuid: disk.vbd,
    VM: vm,
    ...vdiInDrive(vdis, disk),
    userdevice,
    device: lives ? deviceName(userdevice) : '',
    bootable: disk.bootable,
    mode: disk.writable ? 'RW' : 'RO',
    type: disk.kind,
    unpluggable: disk.kind === 'Disk',
    currently_attached: lives,
    ...(lives && { qos_supported_algorithms: [DISK_LIMITS] }),
    qos_algorithm_type: disk.qos.size > 0 ? DISK_LIMITS : '',
    qos_algorithm_params: disk.qos,
  });
}

/** Writes which cards came, went, or are in another network. */
export function followCards(db: Database, { vm, before, now, lives }: DeviceChange): void {
  const records = new Map(db.get('VM', vm).VIFs.map((ref) => [db.get('VIF', ref).uuid, ref]));
  const old = new Map(before.nics.map((nic) => [nic.vif, nic]));
  for (const nic of now.nics) {
    const ref = records.get(nic.vif);
    const previous = old.get(nic.vif);
    old.delete(nic.vif);
    if (!ref) {
      if (!previous) createCard(db, vm, nic, lives);
    } else if (!previous || previous.bridge !== nic.bridge || previous.mac !== nic.mac)
      db.set('VIF', ref, { network: foundNetwork(db, nic.bridge), MAC: nic.mac, ...(lives && { currently_attached: true }) });
  }
  for (const { vif } of old.values()) {
    const ref = records.get(vif);
    if (!ref) continue;
    if (lives) db.set('VIF', ref, { currently_attached: false });
    else removeVifRecord(db, ref);
  }
}

function createCard(db: Database, vm: Ref<'VM'>, nic: NicSpec, lives: boolean): void {
  recordVif(db, {
    uuid: nic.vif,
    VM: vm,
    network: foundNetwork(db, nic.bridge),
    device: String(nic.position),
    MAC: nic.mac,
    MTU: nic.mtu,
    currently_attached: lives,
    qos_algorithm_params: nic.qos,
  });
}
