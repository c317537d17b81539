import { NEVER } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import { planEvacuation } from '../../availability/evacuation.js';
import { markRefusal, storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { isLive } from '../../reach.js';
import type { PoolMessages } from './messages.js';

type Repositories = readonly Ref<'Repository'>[];

/** Days in a week, from Sunday = 0. */
const LAST_DAY = 6;

/** Those that come as a bundle or from another pool cannot be enabled beside any other. */
function assertCompatible({ api: { db } }: Call, repositories: Repositories): void {
  const origins = repositories.map((ref) => db.get('Repository', ref).origin);
  if (repositories.length > 1 && origins.some((origin) => origin !== 'remote'))
    throw new ApiError('REPO_SHOULD_BE_SINGLE_ONE_ENABLED');
}

/** Enables exactly these repositories. What was fetched before no longer counts when one is new or none is left. */
function setRepositories(call: Call, self: Ref<'pool'>, next: Repositories): Promise<void> {
  const { db, operations } = call.api;
  return operations.run(call.task, [target('pool', self, 'configure_repositories')], () => {
    assertCompatible(call, next);
    db.transaction(() => {
      const before = db.get('pool', self).repositories;
      const added = next.filter((ref) => !before.includes(ref));
      for (const ref of added) db.set('Repository', ref, { hash: '' });
      db.set('pool', self, {
        repositories: next,
        ...((added.length || !next.length) && { last_update_sync: NEVER }),
        ...(next.some((ref) => db.get('Repository', ref).origin !== 'remote') && { update_sync_enabled: false }),
      });
      if (next.length) return;
      for (const [host] of [...db.all('host')]) db.set('host', host, { latest_synced_updates_applied: 'unknown' });
    });
  });
}

/** What stands against updating now: a list of errors, each with its parameters. */
async function obstacles(call: Call, requiresReboot: boolean): Promise<readonly (readonly string[])[]> {
  const { api } = call;
  const found: (readonly string[])[] = api.db.get('pool', api.pool).ha_enabled ? [['HA_IS_ENABLED']] : [];
  for (const [host] of [...api.db.all('host')]) {
    if (!isLive(api.db, host)) found.push(['HOST_OFFLINE', host]);
    else if (requiresReboot)
      for (const place of (await planEvacuation(call, host)).values())
        if (place instanceof ApiError) found.push(place.description);
  }
  return found;
}

function checkProxy(url: string, username: string, password: string): void {
  if (!/^https?:\/\/[^\s/]+/.test(url)) throw new ApiError('INVALID_REPOSITORY_PROXY_URL', url);
  if ((username === '') !== (password === '') || /\n/.test(username + password))
    throw new ApiError('INVALID_REPOSITORY_PROXY_CREDENTIAL');
}

function setProxy({ api: { db } }: Call, self: Ref<'pool'>, url: string, username: string, password: string): void {
  db.transaction(() => {
    const { repository_proxy_password: old } = db.get('pool', self);
    db.set('pool', self, {
      repository_proxy_url: url,
      repository_proxy_username: username,
      repository_proxy_password: password === '' ? NULL_REF : db.create('secret', { value: password }),
    });
    if (db.exists('secret', old)) db.destroy('secret', old);
  });
}

/** Where updates come from. They are chosen here; fetching and installing them is not this server's work. */
export const repositoryMessages: PoolMessages = {
  set_repositories: setRepositories,
  add_repository: async (call, self, repository) => {
    const { repositories } = call.api.db.get('pool', self);
    if (!repositories.includes(repository)) await setRepositories(call, self, [...repositories, repository]);
  },
  remove_repository: (call, self, repository) =>
    setRepositories(
      call,
      self,
      call.api.db.get('pool', self).repositories.filter((ref) => ref !== repository),
    ),
  sync_updates: markRefusal((call, self) =>
    call.api.operations.run(call.task, [target('pool', self, 'sync_updates')], () => {
      const { db } = call.api;
      const { repositories } = db.get('pool', self);
      if (!repositories.length) throw new ApiError('NO_REPOSITORY_ENABLED');
      if (repositories.some((ref) => db.get('Repository', ref).origin === 'bundle')) throw new ApiError('CAN_NOT_SYNC_UPDATES');
      throw new ApiError('NOT_IMPLEMENTED', 'pool.sync_updates');
    }),
  ),
  check_update_readiness: (call, _self, requiresReboot) => obstacles(call, requiresReboot),
  configure_repository_proxy: storedOnly((call, self, url, username, password) => {
    checkProxy(url, username, password);
    setProxy(call, self, url, username, password);
  }),
  disable_repository_proxy: storedOnly((call, self) => setProxy(call, self, '', '', '')),
  configure_update_sync: storedOnly(({ api: { db } }, self, frequency, day) => {
    if (frequency === 'weekly' && (day < 0 || day > LAST_DAY)) throw new ApiError('INVALID_UPDATE_SYNC_DAY', String(day));
    db.set('pool', self, { update_sync_frequency: frequency, update_sync_day: frequency === 'weekly' ? day : 0 });
  }),
  set_update_sync_enabled: storedOnly(({ api: { db } }, self, value) => {
    const { repositories } = db.get('pool', self);
    if (value && !repositories.length) throw new ApiError('NO_REPOSITORIES_CONFIGURED');
    if (value && repositories.some((ref) => db.get('Repository', ref).origin !== 'remote'))
      throw new ApiError('CAN_NOT_PERIODIC_SYNC_UPDATES');
    db.set('pool', self, { update_sync_enabled: value });
  }),
};
