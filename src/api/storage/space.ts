import type { Database } from '../../db/database.js';
import type { SrSpace, Storage } from '../../host/storage.js';
import type { Api } from '../api.js';

/**
 * Asks storage for the space of an SR. Undefined when it cannot tell: the work that made the space change is done then,
 * and the next scan asks again.
 */
export async function readSpace(api: Api, storage: Storage, sr: string): Promise<SrSpace | undefined> {
  const { uuid } = api.db.get('SR', sr);
  try {
    return await storage.space(uuid);
  } catch (thrown) {
    api.log.warn({ err: thrown, sr: uuid }, 'space of the SR is unknown');
    return undefined;
  }
}

/** Writes the space of an SR, and what its VDIs could grow to. Belongs into the transaction that changes its VDIs. */
export function recordSpace(db: Database, sr: string, space: SrSpace | undefined): void {
  const record = db.find('SR', sr);
  if (!record) return;
  let allocation = 0;
  for (const vdi of record.fields.VDIs) allocation += db.find('VDI', vdi)?.fields.virtual_size ?? 0;
  db.set('SR', sr, {
    virtual_allocation: allocation,
    ...(space && { physical_size: space.physicalSize, physical_utilisation: space.physicalUtilisation }),
  });
}
