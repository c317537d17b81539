import { ApiError } from '../../../model/error.js';
import { markRefusal, refused } from '../../behaviour.js';
import type { HostMessages } from './messages.js';

/** Software of the host is its distribution's matter: nothing is ever fetched or installed through this server. */
export const updateMessages: HostMessages = {
  apply_updates: markRefusal(({ api: { db, pool } }, self) => {
    db.get('host', self);
    if (!db.get('pool', pool).repositories.length) throw new ApiError('NO_REPOSITORY_ENABLED');
    throw new ApiError('UPDATEINFO_HASH_MISMATCH');
  }),
  set_uefi_certificates: refused(
    'OPERATION_NOT_ALLOWED',
    'secure-boot certificates are set for the pool: pool.set_custom_uefi_certificates',
  ),
};
