import { ApiError } from '../../../model/error.js';
import { markRefusal, refused, storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { disableExternalAuth } from '../host/authentication.js';
import type { PoolMessages } from './messages.js';

/** Tells of members whose directory is not that of the coordinator. */
function detectDifferences({ api }: Call): void {
  const { db } = api;
  const first = db.get('host', db.get('pool', api.pool).master);
  for (const [, host] of [...db.all('host')]) {
    const { external_auth_type: type, external_auth_service_name: service, uuid } = host;
    if (type === first.external_auth_type && service === first.external_auth_service_name) continue;
    api.alerts.send(
      'EXTAUTH_IN_POOL_IS_NON_HOMOGENEOUS',
      'Host',
      uuid,
      `host_external_auth_type=${type}, host_external_auth_service_name=${service}, ` +
        `master_external_auth_type=${first.external_auth_type}, master_external_auth_service_name=${first.external_auth_service_name}`,
    );
  }
}

function atLeast(field: string, value: number, least: number): number {
  if (value < least) throw new ApiError('INVALID_VALUE', field, String(value));
  return value;
}

/** Directories of users, and how logins are checked. There is no kind of directory that this server knows. */
export const directoryMessages: PoolMessages = {
  enable_external_auth: markRefusal(({ api: { db } }, pool, _config, _service, type) => {
    db.get('pool', pool);
    for (const [host, { external_auth_type: current }] of db.all('host'))
      if (current !== '') throw new ApiError('POOL_AUTH_ALREADY_ENABLED', host);
    throw new ApiError('AUTH_UNKNOWN_TYPE', type);
  }),
  disable_external_auth: ({ api }) =>
    api.db.transaction(() => {
      for (const [host] of [...api.db.all('host')]) disableExternalAuth(api, host);
    }),
  external_auth_set_ldaps: refused('AUTH_IS_DISABLED'),
  detect_nonhomogeneous_external_auth: detectDifferences,
  set_local_auth_max_threads: storedOnly(({ api: { db } }, self, value) =>
    db.set('pool', self, { local_auth_max_threads: atLeast('local_auth_max_threads', value, 1) }),
  ),
  set_ext_auth_max_threads: storedOnly(({ api: { db } }, self, value) =>
    db.set('pool', self, { ext_auth_max_threads: atLeast('ext_auth_max_threads', value, 1) }),
  ),
  set_ext_auth_cache_enabled: storedOnly(({ api: { db } }, self, value) =>
    db.set('pool', self, { ext_auth_cache_enabled: value }),
  ),
  set_ext_auth_cache_size: storedOnly(({ api: { db } }, self, value) =>
    db.set('pool', self, { ext_auth_cache_size: atLeast('size', value, 0) }),
  ),
  set_ext_auth_cache_expiry: storedOnly(({ api: { db } }, self, value) =>
    db.set('pool', self, { ext_auth_cache_expiry: atLeast('expiry', value, 1) }),
  ),
  enable_client_certificate_auth: storedOnly(({ api: { db } }, self, name) =>
    db.set('pool', self, { client_certificate_auth_enabled: true, client_certificate_auth_name: name }),
  ),
  disable_client_certificate_auth: storedOnly(({ api: { db } }, self) =>
    db.set('pool', self, { client_certificate_auth_enabled: false, client_certificate_auth_name: '' }),
  ),
};
