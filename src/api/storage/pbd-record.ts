import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { pbdsOf } from './placement.js';
import { ownSecrets } from './secrets.js';

/** Told to drivers by the server itself. */
const MASTER_KEY = 'SRmaster';

/** Throws VALUE_NOT_SUPPORTED for a device_config that says what only the server may say. */
export function assertNoMasterKey(config: ReadonlyMap<string, string>): void {
  const value = config.get(MASTER_KEY);
  if (value !== undefined) throw new ApiError('VALUE_NOT_SUPPORTED', MASTER_KEY, value, 'This key is for internal use only');
}

/** Makes the record of a PBD, not attached, with passwords in secrets of its own. Throws PBD_EXISTS. */
export function recordPbd(db: Database, sr: Ref<'SR'>, host: Ref<'host'>, config: ReadonlyMap<string, string>): Ref<'PBD'> {
  const twin = pbdsOf(db, sr).find(([, pbd]) => pbd.host === host);
  if (twin) throw new ApiError('PBD_EXISTS', sr, host, twin[0]);
  assertNoMasterKey(config);
  return db.create('PBD', { SR: sr, host, device_config: ownSecrets(db, config) });
}
