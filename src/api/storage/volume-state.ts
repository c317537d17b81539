import type { Volume } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { storageForSr, storageForVdi, volumeAddress } from './placement.js';
import { readSpace, recordSpace } from './space.js';
import { changedFields } from './vdi-record.js';

/** What storage says of a VDI now. Throws VDI_MISSING when it is not there. */
export async function statVolume(api: Api, vdi: Ref<'VDI'>): Promise<Volume> {
  const { sr, location } = volumeAddress(api, vdi);
  const volume = (await storageForVdi(api, vdi).scan(sr)).find((candidate) => candidate.location === location);
  if (!volume) throw new ApiError('VDI_MISSING', api.db.get('VDI', vdi).SR, vdi);
  return volume;
}

/** Writes what storage says of a VDI, and the space of its SR. */
export async function recordChange(api: Api, vdi: Ref<'VDI'>, volume: Volume): Promise<void> {
  const { db } = api;
  const { SR: sr } = db.get('VDI', vdi);
  const space = await readSpace(api, storageForSr(api, sr), sr);
  db.transaction(() => {
    const current = db.find('VDI', vdi)?.fields;
    if (!current) return;
    db.set('VDI', vdi, changedFields(current, volume));
    recordSpace(db, sr, space);
  });
}
