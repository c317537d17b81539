import { ApiError } from '../../model/error.js';
import type { Call } from '../call.js';

/** Key of a session's other_config that names the SR for whose driver the session was made. */
const DRIVER_OF = '_sm_session';

/** Throws PERMISSION_DENIED unless the call comes from the driver of the SR: some fields are its alone to write. */
export function assertDriverSession({ api, session }: Call, sr: string): void {
  if (api.db.find('session', session.ref)?.fields.other_config.get(DRIVER_OF) !== sr) {
    throw new ApiError('PERMISSION_DENIED', '');
  }
}
