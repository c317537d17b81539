import { ApiError } from '../../../model/error.js';
import type { DiskSpec, NicSpec } from '../../compute.js';
import type { VolumeAddress } from '../../storage.js';
import type { EmulatedNetwork } from '../network/network.js';
import type { EmulatedStorage } from '../storage/storage.js';
import type { Domain } from './domain.js';

/** What a host can give to its domains. */
export interface Surroundings {
  readonly storage: EmulatedStorage;
  readonly network: EmulatedNetwork;
}

/** Throws unless the host can attach these: SR_NOT_ATTACHED, VDI_MISSING, VDI_READONLY, BRIDGE_NOT_AVAILABLE. */
export function checkDevices({ storage, network }: Surroundings, disks: Iterable<DiskSpec>, nics: Iterable<NicSpec>): void {
  for (const { vbd, kind, volume, writable } of disks) {
    if (volume === undefined && kind === 'Disk') throw new ApiError('VBD_IS_EMPTY', vbd);
    if (volume === undefined) continue;
    const found = storage.store(volume.sr).volume(volume.location);
    if (writable && found.readOnly) throw new ApiError('VDI_READONLY', found.uuid);
  }
  for (const { bridge } of nics) if (!network.hasBridge(bridge)) throw new ApiError('BRIDGE_NOT_AVAILABLE', bridge);
}

/** Gives a domain a disk. Throws DEVICE_ALREADY_ATTACHED where it or another has that place. */
export function attachDisk(domain: Domain, disk: DiskSpec): void {
  for (const other of domain.disks.values()) {
    if (other.vbd === disk.vbd || other.position === disk.position) throw new ApiError('DEVICE_ALREADY_ATTACHED', disk.vbd);
  }
  domain.disks.set(disk.vbd, disk);
}

/** Gives a disk other limits. Throws DEVICE_NOT_ATTACHED. */
export function limitDisk(domain: Domain, { vbd, qos }: Pick<DiskSpec, 'vbd' | 'qos'>): void {
  const present = domain.disks.get(vbd);
  if (present === undefined) throw new ApiError('DEVICE_NOT_ATTACHED', vbd);
  domain.disks.set(vbd, { ...present, qos });
}

/** Takes a disk out. Without force a guest that cannot give it up refuses. */
export function detachDisk(domain: Domain, vbd: string, force: boolean): void {
  if (!domain.disks.has(vbd)) throw new ApiError('DEVICE_ALREADY_DETACHED', vbd);
  if (!force && domain.guest?.canHotplugDisks !== true) {
    throw new ApiError('DEVICE_DETACH_REJECTED', 'VBD', vbd, 'The guest has no tools that could let go of the disk');
  }
  domain.disks.delete(vbd);
}

/** Gives a domain a network card. Throws DEVICE_ALREADY_ATTACHED where it or another has that place. */
export function attachNic(domain: Domain, nic: NicSpec): void {
  for (const other of domain.nics.values()) {
    if (other.vif === nic.vif || other.position === nic.position) throw new ApiError('DEVICE_ALREADY_ATTACHED', nic.vif);
  }
  domain.nics.set(nic.vif, nic);
}

/** Takes a card out. Without force a guest that cannot give it up refuses. */
export function detachNic(domain: Domain, vif: string, force: boolean): void {
  if (!domain.nics.has(vif)) throw new ApiError('DEVICE_ALREADY_DETACHED', vif);
  if (!force && domain.guest?.canHotplugNics !== true) {
    throw new ApiError('DEVICE_DETACH_REJECTED', 'VIF', vif, 'The guest has no tools that could let go of the card');
  }
  domain.nics.delete(vif);
}

/** Gives an attached card other settings; its place in the guest stays. */
export function changeNic(domain: Domain, nic: NicSpec): void {
  const present = domain.nics.get(nic.vif);
  if (present === undefined) throw new ApiError('DEVICE_ALREADY_DETACHED', nic.vif);
  domain.nics.set(nic.vif, { ...nic, position: present.position });
}

/** Puts a medium into an empty drive, or with undefined takes it out of a full one. */
export function changeMedium(domain: Domain, vbd: string, volume: VolumeAddress | undefined): void {
  const drive = domain.disks.get(vbd);
  if (drive === undefined) throw new ApiError('DEVICE_NOT_ATTACHED', vbd);
  if (drive.kind !== 'CD') throw new ApiError('VBD_NOT_REMOVABLE_MEDIA', vbd);
  if (volume !== undefined && drive.volume !== undefined) throw new ApiError('VBD_NOT_EMPTY', vbd);
  if (volume === undefined && drive.volume === undefined) throw new ApiError('VBD_IS_EMPTY', vbd);
  domain.disks.set(vbd, { ...drive, volume });
}

/** The volume in a drive. Throws DEVICE_NOT_ATTACHED, VBD_IS_EMPTY. */
export function attachedVolume(domain: Domain, vbd: string): VolumeAddress {
  const drive = domain.disks.get(vbd);
  if (drive === undefined) throw new ApiError('DEVICE_NOT_ATTACHED', vbd);
  if (drive.volume === undefined) throw new ApiError('VBD_IS_EMPTY', vbd);
  return drive.volume;
}

/** Goes on with another volume in a drive. */
export function changeVolume(domain: Domain, vbd: string, volume: VolumeAddress): void {
  const drive = domain.disks.get(vbd);
  if (drive === undefined) throw new ApiError('DEVICE_NOT_ATTACHED', vbd);
  domain.disks.set(vbd, { ...drive, volume });
}
