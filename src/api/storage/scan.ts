import type { Database } from '../../db/database.js';
import type { Volume } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { target } from '../operations/operations.js';
import type { TaskHandle } from '../tasks.js';
import { storageForSr } from './placement.js';
import { readSpace, recordSpace } from './space.js';
import { changedFields, recordVolumes, removeVdiRecord } from './vdi-record.js';
import { bringLabelsUp } from './volume-label.js';

/** Tries before a scan gives up because disks come and go while storage is asked; the original has the same number. */
const ATTEMPTS = 10;

/**
 * Brings the VDI records of an SR in line with what is on the storage: new ones for volumes that nobody recorded, none
 * for volumes that are gone, sizes as they are. One transaction, so that nobody sees half of it.
 */
export async function scanSr(api: Api, task: TaskHandle, sr: Ref<'SR'>): Promise<void> {
  await api.operations.run(task, [target('SR', sr, 'scan')], async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) if (await tryScan(api, sr)) return;
    throw new ApiError('INTERNAL_ERROR', 'disks of the SR changed in every attempt to scan it');
  });
}

/** False when the SR's VDIs changed while storage was asked. */
async function tryScan(api: Api, sr: Ref<'SR'>): Promise<boolean> {
  const { db } = api;
  const before = db.get('SR', sr).VDIs;
  const storage = storageForSr(api, sr);
  const volumes = await storage.scan(db.get('SR', sr).uuid);
  const space = await readSpace(api, storage, sr);
  if (db.get('SR', sr).VDIs !== before) return false;
  db.transaction(() => {
    matchRecords(db, sr, volumes);
    recordSpace(db, sr, space);
    const { other_config } = db.get('SR', sr);
    if (other_config.has('dirty'))
      db.set('SR', sr, { other_config: new Map([...other_config].filter(([key]) => key !== 'dirty')) });
  });
  // Nobody has to wait for that, and it may take a while where an earlier version left all of it.
  void bringLabelsUp(api, sr, volumes);
  return true;
}

function matchRecords(db: Database, sr: Ref<'SR'>, volumes: readonly Volume[]): void {
  const found = new Map(volumes.map((volume) => [volume.location, volume]));
  for (const ref of db.get('SR', sr).VDIs) {
    const vdi = db.get('VDI', ref);
    const volume = found.get(vdi.location);
    found.delete(vdi.location);
    // After data_destroy only the record is left, and it is meant to stay.
    if (vdi.type === 'cbt_metadata') continue;
    if (!volume) loseVdi(db, ref);
    else db.set('VDI', ref, { ...changedFields(vdi, volume), missing: false });
  }
  recordVolumes(db, sr, found.values());
}

/**
 * A disk whose data is gone is forgotten, as with the original, unless something would be lost with the record: a VM that has it
 * as a disk shows it as missing, and has it again when the data is back.
 */
function loseVdi(db: Database, ref: Ref<'VDI'>): void {
  const isDisk = db.get('VDI', ref).VBDs.some((vbd) => db.find('VBD', vbd)?.fields.type === 'Disk');
  const isMemory = db.filter('VM', ({ suspend_VDI }) => suspend_VDI === ref).length > 0;
  if (isDisk || isMemory) db.set('VDI', ref, { missing: true });
  else removeVdiRecord(db, ref);
}
