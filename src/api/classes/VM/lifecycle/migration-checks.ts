import type { Database } from '../../../../db/database.js';
import { ApiError } from '../../../../model/error.js';
import type { Ref } from '../../../../model/ref.js';
import type { Fields } from '../../../../model/types.js';
import { driverFeatures } from '../../../storage/driver-features.js';

/** Where disks go, by VDI. */
export type DiskMap = ReadonlyMap<Ref<'VDI'>, Ref<'SR'>>;

/** What an SR must be able to do for disks to leave it, and to arrive: drivers that say VDI_MIRROR mean both. */
const NEEDED = ['VDI_SNAPSHOT', 'VDI_MIRROR'];

/** Disks of a VM, without CDs and empty drives. */
export function disksOf(db: Database, { VBDs }: Pick<Fields<'VM'>, 'VBDs'>): Ref<'VDI'>[] {
  return VBDs.flatMap((ref) => {
    const { empty, type, VDI } = db.get('VBD', ref);
    return empty || type === 'CD' ? [] : [VDI];
  });
}

/** Throws VDI_NOT_IN_MAP for the first disk of the VM of which nobody said where it goes. */
export function assertMapped(db: Database, vm: Fields<'VM'>, map: DiskMap): void {
  const missing = disksOf(db, vm).find((vdi) => !map.has(vdi));
  if (missing !== undefined) throw new ApiError('VDI_NOT_IN_MAP', missing);
}

/** Entries of a map whose disk changes its place. */
export function moves(db: Database, map: DiskMap): [Ref<'VDI'>, Ref<'SR'>][] {
  return [...map].filter(([vdi, sr]) => db.get('VDI', vdi).SR !== sr);
}

/** Throws SR_DOES_NOT_SUPPORT_MIGRATION for the first SR that a disk cannot leave or go to. */
export function assertSrsCapable(db: Database, map: DiskMap): void {
  for (const [vdi, sr] of moves(db, map)) {
    assertCapable(db, db.get('VDI', vdi).SR);
    assertCapable(db, sr);
  }
}

function assertCapable(db: Database, sr: Ref<'SR'>): void {
  const features = driverFeatures(db, db.get('SR', sr).type);
  const missing = NEEDED.filter((feature) => !features.has(feature));
  if (missing.length) throw new ApiError('SR_DOES_NOT_SUPPORT_MIGRATION', sr, missing.join(';'));
}

/** Throws VDI_CBT_ENABLED or VDI_IS_ENCRYPTED for a disk that cannot change its place. */
export function assertMovable(db: Database, map: DiskMap): void {
  for (const [vdi] of moves(db, map)) {
    const { cbt_enabled: tracked, sm_config: config } = db.get('VDI', vdi);
    if (tracked) throw new ApiError('VDI_CBT_ENABLED', vdi);
    if (config.has('key_hash')) throw new ApiError('VDI_IS_ENCRYPTED', vdi);
  }
}

/** Throws VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION for a disk whose changes do not outlive a boot. */
export function assertPersistent(db: Database, vm: Fields<'VM'>): void {
  const reset = disksOf(db, vm).find((vdi) => db.get('VDI', vdi).on_boot === 'reset');
  if (reset !== undefined) throw new ApiError('VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION', reset);
}
