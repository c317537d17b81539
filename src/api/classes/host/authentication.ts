import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { markRefusal, refused } from '../../behaviour.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/** Takes a host out of its directory. There is none that this server could have joined, but a loaded pool may name one. */
export function disableExternalAuth({ db }: Api, host: Ref<'host'>): void {
  db.set('host', host, { external_auth_type: '', external_auth_service_name: '', external_auth_configuration: new Map() });
}

/** Directories. Users come from the daemon's own accounts; no kind of directory is known. */
export const authenticationMessages: HostMessages = {
  enable_external_auth: markRefusal(({ api }, host, _config, _service, type) => {
    reach(api, host);
    const { external_auth_type: current, external_auth_service_name: service } = api.db.get('host', host);
    if (current !== '') throw new ApiError('AUTH_ALREADY_ENABLED', current, service);
    throw new ApiError('AUTH_UNKNOWN_TYPE', type);
  }),
  disable_external_auth: ({ api }, host) => {
    reach(api, host);
    disableExternalAuth(api, host);
  },
  external_auth_set_ldaps: refused('AUTH_IS_DISABLED'),
};
