import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { guestsOf } from '../../availability/evacuation.js';
import { markRefusal } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { isLive, reach } from '../../reach.js';
import type { PoolMessages } from './messages.js';

/** Reasons against leaving the own pool for another one, in the order in which the original looks for them. */
function refuseJoin({ api }: Call, name: string): never {
  const { db } = api;
  if (db.get('pool', api.pool).ha_enabled) throw new ApiError('HA_IS_ENABLED');
  if (db.table('host').rows.size > 1) throw new ApiError('JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS');
  const guests = guestsOf(api, api.localHost).map((vm) => db.get('VM', vm));
  if (guests.some((vm) => vm.power_state === 'Running')) throw new ApiError('JOINING_HOST_CANNOT_HAVE_RUNNING_VMS');
  if (guests.some((vm) => vm.current_operations.size > 0))
    throw new ApiError('JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS');
  if (db.filter('SR', (sr) => sr.shared && !sr.is_tools_sr).length) throw new ApiError('JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS');
  // All hosts of a pool belong to one daemon so far.
  throw new ApiError('NOT_IMPLEMENTED', name);
}

function assertNoHa({ api }: Call): void {
  if (api.db.get('pool', api.pool).ha_enabled) throw new ApiError('HA_IS_ENABLED');
}

/**
 * Makes a host the coordinator. All hosts belong to this daemon, which has the database: no data moves, the daemon only
 * speaks as another host.
 */
function lead({ api }: Call, host: Ref<'host'>): void {
  const { db, pool } = api;
  if (db.get('pool', pool).master === host) return;
  const { uuid, name_label: name } = db.get('host', host);
  db.transaction(() => {
    db.set('pool', pool, { master: host });
    api.alerts.send('POOL_MASTER_TRANSITION', 'Host', uuid, `${name} (${uuid}) leads the pool now`);
  });
  api.localHost = host;
}

/** Which hosts belong to the pool, and which of them leads. */
export const membershipMessages: PoolMessages = {
  join: markRefusal((call) => refuseJoin(call, 'pool.join')),
  join_force: markRefusal((call) => refuseJoin(call, 'pool.join_force')),
  eject: markRefusal((call, host) =>
    call.api.operations.run(call.task, [target('pool', call.api.pool, 'eject')], () => {
      reach(call.api, host);
      assertNoHa(call);
      throw new ApiError('NOT_IMPLEMENTED', 'pool.eject');
    }),
  ),
  designate_new_master: (call, host) =>
    call.api.operations.run(call.task, [target('pool', call.api.pool, 'designate_new_master')], () => {
      reach(call.api, host);
      assertNoHa(call);
      lead(call, host);
    }),
  // This daemon has the database and thus leads already, whatever has become of the others.
  emergency_transition_to_master: assertNoHa,
  // Members are part of this daemon: none is ever without its coordinator, so there are none to be called back.
  recover_slaves: () => [],
  hello: ({ api }, uuid, address) => {
    const { db } = api;
    const host = db.table('host').refsByUuid.get(uuid) as Ref<'host'> | undefined;
    if (host === undefined) return 'unknown_host';
    db.set('host', host, { address });
    return api.hosts.find(host) && isLive(db, host) ? 'ok' : 'cannot_talk_back';
  },
  is_slave: ({ api }, host) => {
    reach(api, host);
    return api.db.get('pool', api.pool).master !== host;
  },
  sync_database: ({ api }) => api.db.durable(),
  audit_log_append: ({ api }, line) => api.log.info({ audit: line }, 'audit'),
};
