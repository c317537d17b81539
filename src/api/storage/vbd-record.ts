import type { Database, Patch } from '../../db/database.js';
import type { Ref } from '../../model/ref.js';

/** Name of what limits the speed of drives; its parameters are `kbps` (KiB per second) and `iops`. */
export const DISK_LIMITS = 'ratelimit';

/** Makes the record of a VBD with the one for its measurements, which clients follow though it holds nothing any more. */
export function recordVbd(db: Database, fields: Patch<'VBD'>): Ref<'VBD'> {
  return db.transaction(() => db.create('VBD', { ...fields, metrics: db.create('VBD_metrics', {}) }));
}

/** Removes the record of a VBD with the one for its measurements. */
export function removeVbdRecord(db: Database, vbd: string): void {
  db.transaction(() => {
    const { metrics } = db.get('VBD', vbd);
    db.destroy('VBD', vbd);
    if (db.exists('VBD_metrics', metrics)) db.destroy('VBD_metrics', metrics);
  });
}
