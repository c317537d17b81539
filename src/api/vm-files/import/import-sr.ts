import { ApiError } from '../../../model/error.js';
import { isNullRef, type Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { assertPlugged } from '../../storage/placement.js';
import { rollingUpgrade } from '../../storage/pool-state.js';

/**
 * The SR into which a file is imported: the one that a client names by reference or uuid, else the pool's default. Throws
 * HANDLE_INVALID, UUID_INVALID, DEFAULT_SR_NOT_FOUND, SR_HAS_NO_PBDS, SR_OPERATION_NOT_SUPPORTED for one of CDs, and
 * NOT_SUPPORTED_DURING_UPGRADE.
 */
export function importSr(api: Api, { ref, uuid }: { readonly ref?: string; readonly uuid?: string }): Ref<'SR'> {
  if (rollingUpgrade(api.db)) throw new ApiError('NOT_SUPPORTED_DURING_UPGRADE');
  const sr = namedSr(api, ref, uuid);
  if (api.db.get('SR', sr).content_type === 'iso') throw new ApiError('SR_OPERATION_NOT_SUPPORTED', sr);
  assertPlugged(api.db, sr);
  return sr;
}

function namedSr({ db, pool }: Api, ref: string | undefined, uuid: string | undefined): Ref<'SR'> {
  const byUuid = db.table('SR').refsByUuid;
  if (ref) return (byUuid.get(ref) ?? ref) as Ref<'SR'>;
  if (uuid) return db.byUuid('SR', uuid);
  const standard = db.get('pool', pool).default_SR;
  if (isNullRef(standard) || !db.exists('SR', standard)) throw new ApiError('DEFAULT_SR_NOT_FOUND', standard);
  return standard;
}
