import { ApiError, type ErrorCode } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { failureOf, invoke } from '../../invoke.js';
import type { PoolMessages } from './messages.js';

/** Does the same on every host. Throws the error with the hosts on which it failed. */
async function onAllHosts(call: Call, error: ErrorCode, work: (host: Ref<'host'>) => Promise<void>): Promise<void> {
  const failed: string[] = [];
  for (const host of [...call.api.db.table('host').rows.keys()] as Ref<'host'>[])
    if (await failureOf(() => work(host))) failed.push(host);
  if (failed.length) throw new ApiError(error, ...failed);
}

/** What is set on every host at once. How far each goes is as on a single host. */
export const onAllHostsMessages: PoolMessages = {
  enable_ssh: storedOnly((call) =>
    onAllHosts(call, 'ENABLE_SSH_PARTIALLY_FAILED', (host) => invoke(call, 'host', 'enable_ssh', host)),
  ),
  disable_ssh: storedOnly((call) =>
    onAllHosts(call, 'DISABLE_SSH_PARTIALLY_FAILED', (host) => invoke(call, 'host', 'disable_ssh', host)),
  ),
  set_ssh_enabled_timeout: storedOnly((call, _self, value) =>
    onAllHosts(call, 'SET_SSH_TIMEOUT_PARTIALLY_FAILED', (host) => invoke(call, 'host', 'set_ssh_enabled_timeout', host, value)),
  ),
  set_console_idle_timeout: storedOnly((call, _self, value) =>
    onAllHosts(call, 'SET_CONSOLE_TIMEOUT_PARTIALLY_FAILED', (host) =>
      invoke(call, 'host', 'set_console_idle_timeout', host, value),
    ),
  ),
  set_ssh_auto_mode: storedOnly((call, _self, value) =>
    onAllHosts(call, 'SET_SSH_AUTO_MODE_PARTIALLY_FAILED', (host) => invoke(call, 'host', 'set_ssh_auto_mode', host, value)),
  ),
  set_https_only: storedOnly(async (call, _self, value) => {
    for (const [host] of [...call.api.db.all('host')]) await invoke(call, 'host', 'set_https_only', host, value);
  }),
  disable_local_storage_caching: (call) =>
    onAllHosts(call, 'HOSTS_FAILED_TO_DISABLE_CACHING', (host) => invoke(call, 'host', 'disable_local_storage_caching', host)),
  enable_local_storage_caching: (call) => onAllHosts(call, 'HOSTS_FAILED_TO_ENABLE_CACHING', (host) => enableCaching(call, host)),
};

/** Takes the first SR of a host that can cache. */
async function enableCaching(call: Call, host: Ref<'host'>): Promise<void> {
  const { db } = call.api;
  let reason: ApiError | undefined = new ApiError('SR_OPERATION_NOT_SUPPORTED');
  for (const pbd of db.get('host', host).PBDs) {
    const { SR } = db.get('PBD', pbd);
    reason = await failureOf(() => invoke(call, 'host', 'enable_local_storage_caching', host, SR));
    if (!reason) return;
  }
  throw reason;
}
