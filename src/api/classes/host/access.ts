import { NEVER, toDateTime } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/** Longest time in seconds for which SSH may be opened: two days. */
const MAX_SSH_TIMEOUT = 172_800;

function expiry(seconds: number): string {
  return seconds === 0 ? NEVER : toDateTime(Date.now() + seconds * 1000);
}

function setSshTimeout({ api }: Call, self: Ref<'host'>, seconds: number): void {
  reach(api, self);
  if (seconds < 0 || seconds > MAX_SSH_TIMEOUT) throw new ApiError('INVALID_VALUE', 'ssh_enabled_timeout', String(seconds));
  const { ssh_enabled: enabled } = api.db.get('host', self);
  api.db.set('host', self, { ssh_enabled_timeout: seconds, ...(enabled && { ssh_expiry: expiry(seconds) }) });
}

/**
 * Ways into the host itself. They are kept for clients to see: this server neither starts nor stops services of the
 * host's own system.
 */
export const accessMessages: HostMessages = {
  enable_ssh: storedOnly(({ api }, self) => {
    reach(api, self);
    const { ssh_enabled_timeout: seconds } = api.db.get('host', self);
    api.db.set('host', self, { ssh_enabled: true, ssh_auto_mode: false, ssh_expiry: expiry(seconds) });
  }),
  disable_ssh: storedOnly(({ api }, self) => {
    reach(api, self);
    api.db.set('host', self, { ssh_enabled: false, ssh_expiry: toDateTime() });
  }),
  set_ssh_enabled_timeout: storedOnly(setSshTimeout),
  set_ssh_auto_mode: storedOnly(({ api }, self, value) => {
    reach(api, self);
    api.db.set('host', self, { ssh_auto_mode: value });
  }),
  set_console_idle_timeout: storedOnly(({ api }, self, seconds) => {
    reach(api, self);
    if (seconds < 0) throw new ApiError('INVALID_VALUE', 'console_timeout', String(seconds));
    api.db.set('host', self, { console_idle_timeout: seconds });
  }),
  set_https_only: storedOnly(({ api }, self, value) => {
    reach(api, self);
    api.db.set('host', self, { https_only: value });
  }),
  set_ssl_legacy: (_call, _self, value) => {
    if (value) throw new ApiError('VALUE_NOT_SUPPORTED', 'value', String(value), 'old TLS versions are never accepted');
  },
};
