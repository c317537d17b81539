import { ApiError } from '../../../../model/error.js';
import { asRef, type Ref } from '../../../../model/ref.js';
import type { Api } from '../../../api.js';
import { addressOf } from '../../host/network.js';

/**
 * The host of this pool that a migration goes to. The map is made by host.migrate_receive and handed on by
 * clients unchanged. Throws NOT_IMPLEMENTED for a host of another pool, SESSION_INVALID for a map that is too old.
 */
export function targetHost(api: Api, message: string, destination: ReadonlyMap<string, string>): Ref<'host'> {
  const host = destination.get('host');
  const session = destination.get('session_id');
  if (host === undefined || session === undefined)
    throw new ApiError('INTERNAL_ERROR', 'the destination lacks its host or its session');
  // The storage and the memory of another pool are out of reach.
  if (!api.db.exists('host', host)) throw new ApiError('NOT_IMPLEMENTED', `${message} to another pool`);
  api.sessions.find(session);
  return asRef<'host'>(host);
}

/**
 * Throws PIF_NOT_PRESENT, REQUIRED_PIF_IS_UNPLUGGED or INTERFACE_HAS_NO_IP unless a host can be reached in the network that
 * a migration is to take.
 */
export function assertReachableIn({ db }: Api, host: Ref<'host'>, network: string): void {
  const pif = db.find('network', network)?.fields.PIFs.find((ref) => db.get('PIF', ref).host === host);
  if (pif === undefined) throw new ApiError('PIF_NOT_PRESENT', host, network);
  if (!db.get('PIF', pif).currently_attached) throw new ApiError('REQUIRED_PIF_IS_UNPLUGGED', pif);
  if (addressOf(db, pif) === '') throw new ApiError('INTERFACE_HAS_NO_IP', pif);
}
