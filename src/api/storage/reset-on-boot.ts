import { v4 } from 'uuid';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { storageForVdi, volumeAddress } from './placement.js';
import { recordVolume } from './vdi-record.js';
import { labelProperties, RESET_BASE_OF } from './volume-label.js';
import { recordChange } from './volume-state.js';

/**
 * Puts the disks of a VM that forget what was written back to where they were before their first start: called when
 * the VM is about to start from the beginning, not when it resumes. The first time it only remembers where that is.
 */
export async function resetDisksAtBoot(api: Api, vm: Ref<'VM'>): Promise<void> {
  const { db } = api;
  for (const ref of db.get('VM', vm).VBDs) {
    const { VDI: vdi, empty } = db.get('VBD', ref);
    if (empty || db.find('VDI', vdi)?.fields.on_boot !== 'reset') continue;
    const base = baseOf(api, vdi);
    const storage = storageForVdi(api, vdi);
    if (base) {
      await recordChange(api, vdi, await storage.revertVolume(volumeAddress(api, vdi), volumeAddress(api, base)));
    } else {
      const base = { managed: false, other_config: new Map([[RESET_BASE_OF, vdi]]) };
      const volume = await storage.snapshotVolume(volumeAddress(api, vdi), v4(), labelProperties(db, base));
      recordVolume(db, db.get('VDI', vdi).SR, volume, base);
    }
  }
}

/** Whether a VM has disks that forget what was written: such a VM begins anew at a reboot, too. */
export function hasDisksToReset({ db }: Pick<Api, 'db'>, vm: Ref<'VM'>): boolean {
  return db.get('VM', vm).VBDs.some((ref) => {
    const { VDI: vdi, empty } = db.get('VBD', ref);
    return !empty && db.find('VDI', vdi)?.fields.on_boot === 'reset';
  });
}

/** Forgets where a disk would go back to: it keeps what was written from now on, or it is gone. */
export async function destroyResetBase(api: Api, vdi: Ref<'VDI'>): Promise<void> {
  const base = baseOf(api, vdi);
  if (!base) return;
  await storageForVdi(api, base).destroyVolume(volumeAddress(api, base));
  api.db.destroy('VDI', base);
}

function baseOf({ db }: Api, vdi: Ref<'VDI'>): Ref<'VDI'> | undefined {
  return db.get('SR', db.get('VDI', vdi).SR).VDIs.find((ref) => db.get('VDI', ref).other_config.get(RESET_BASE_OF) === vdi);
}
