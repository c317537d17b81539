import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassBehaviour } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/** Longest name that the original takes. */
const MAX_HOSTNAME_LENGTH = 255;

function checkHostname(name: string): void {
  if (name === '') throw new ApiError('HOST_NAME_INVALID', 'hostname empty');
  if (name.length > MAX_HOSTNAME_LENGTH) throw new ApiError('HOST_NAME_INVALID', 'hostname is too long');
  if (!/^[A-Za-z0-9.-]+$/.test(name) || name.startsWith('-') || name.endsWith('-'))
    throw new ApiError('HOST_NAME_INVALID', 'hostname contains invalid characters');
}

/** Sets a field that other_config repeats for older clients. */
function setWithCopy(call: Call, host: Ref<'host'>, field: 'iscsi_iqn' | 'multipathing', value: string | boolean): void {
  const { db } = call.api;
  reach(call.api, host);
  db.transaction(() => {
    const other = new Map(db.get('host', host).other_config).set(field, String(value));
    db.set('host', host, { [field]: value, other_config: other });
  });
}

/** Name on the network, and what storage knows the host by. */
export const identityMessages: HostMessages = {
  set_hostname_live: ({ api }, host, hostname) => {
    reach(api, host);
    checkHostname(hostname);
    api.db.transaction(() => {
      api.db.set('host', host, { hostname });
      const { control_domain: domain } = api.db.get('host', host);
      if (api.db.exists('VM', domain)) api.db.set('VM', domain, { name_label: `Control domain on host: ${hostname}` });
    });
  },
  set_iscsi_iqn: async (call, host, value) => {
    if (value === '') throw new ApiError('INVALID_VALUE', 'value', value);
    await reach(call.api, host).storage.initiator?.rename(value);
    setWithCopy(call, host, 'iscsi_iqn', value);
  },
  /** Heeded whenever an SR is attached. */
  set_multipathing: (call, host, value) => setWithCopy(call, host, 'multipathing', value),
};

/** Older clients set both by other_config: the fields follow. */
export const identitySetters: NonNullable<ClassBehaviour<'host'>['setters']> = {
  other_config({ api: { db } }, self, map) {
    const iqn = map.get('iscsi_iqn');
    const multipathing = map.get('multipathing');
    db.set('host', self, {
      other_config: map,
      ...(iqn && { iscsi_iqn: iqn }),
      ...(multipathing !== undefined && { multipathing: multipathing === 'true' }),
    });
  },
};
