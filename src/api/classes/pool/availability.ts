import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { bondOf, mostFailuresFor, planExists, protectedVms, roomOfHosts } from '../../availability/failover.js';
import { pack } from '../../availability/pack.js';
import { markRefusal, refused } from '../../behaviour.js';
import { target } from '../../operations/operations.js';
import { memoryToStart } from '../../placement/memory.js';
import type { PoolMessages } from './messages.js';

const PRIORITIES: ReadonlySet<string> = new Set(['restart', 'best-effort', '']);

/** Brings the pool's picture of itself up to date: how many failures it is ready for, and whether that is too few. */
function updateStatus(api: Api): void {
  const { ha_host_failures_to_tolerate: wanted } = api.db.get('pool', api.pool);
  const vms = protectedVms(api);
  setStatus(api, planExists(api, vms, wanted) ? wanted : mostFailuresFor(api, vms));
}

function setStatus(api: Api, ready: number): void {
  const { db, pool } = api;
  db.transaction(() => {
    const { ha_host_failures_to_tolerate: wanted, ha_plan_exists_for: before, ha_enabled: on, uuid } = db.get('pool', pool);
    db.set('pool', pool, { ha_plan_exists_for: Math.min(wanted, ready), ha_overcommitted: wanted > ready });
    if (on && ready < before) api.alerts.send('HA_POOL_DROP_IN_PLAN_EXISTS_FOR', 'Pool', uuid, String(ready));
  });
}

function failoverPlan(
  api: Api,
  failedHosts: readonly Ref<'host'>[],
  failedVms: readonly Ref<'VM'>[],
): ReadonlyMap<Ref<'VM'>, ReadonlyMap<string, string>> {
  const { db } = api;
  const found = new Map<Ref<'VM'>, ReadonlyMap<string, string>>();
  for (const vm of failedVms) found.set(vm, new Map([['error_code', bondOf(api, vm)?.code ?? 'HOST_NOT_ENOUGH_FREE_MEMORY']]));
  const rooms = roomOfHosts(api, true);
  for (const host of failedHosts) rooms.delete(host);
  const { places } = pack(rooms, new Map(failedVms.map((vm) => [vm, memoryToStart(db.get('VM', vm))])));
  for (const [vm, host] of places) found.set(vm as Ref<'VM'>, new Map([['host', host]]));
  return found;
}

/** High availability: it cannot be turned on here, but what it would need can be reckoned. */
export const availabilityMessages: PoolMessages = {
  enable_ha: markRefusal((call, srs) =>
    call.api.operations.run(call.task, [target('pool', call.api.pool, 'ha_enable')], () => {
      for (const sr of srs) call.api.db.get('SR', sr);
      throw new ApiError('HA_NOT_INSTALLED', call.api.db.get('pool', call.api.pool).master);
    }),
  ),
  // Only a pool that was loaded from elsewhere can have it on; nothing of it runs here.
  disable_ha: ({ api, task }) =>
    api.operations.run(task, [target('pool', api.pool, 'ha_disable')], () =>
      api.db.transaction(() => {
        for (const [host] of [...api.db.all('host')]) api.db.set('host', host, { ha_statefiles: [], ha_network_peers: [] });
        api.db.set('pool', api.pool, { ha_enabled: false, ha_statefiles: [], ha_overcommitted: false, ha_plan_exists_for: 0 });
      }),
    ),
  ha_prevent_restarts_for: refused('HA_NOT_ENABLED'),
  ha_failover_plan_exists: ({ api }, failures) => planExists(api, protectedVms(api), failures),
  ha_compute_max_host_failures_to_tolerate: ({ api }) => {
    const most = mostFailuresFor(api, protectedVms(api));
    if (api.db.get('pool', api.pool).ha_enabled) setStatus(api, most);
    return most;
  },
  ha_compute_hypothetical_max_host_failures_to_tolerate: ({ api }, configuration) => {
    for (const priority of configuration.values())
      if (!PRIORITIES.has(priority)) throw new ApiError('INVALID_VALUE', 'ha_restart_priority', priority);
    const vms = [...configuration].flatMap(([vm, priority]) => (priority === 'restart' ? [vm] : []));
    return mostFailuresFor(api, vms);
  },
  ha_compute_vm_failover_plan: ({ api }, hosts, vms) => failoverPlan(api, hosts, vms),
  set_ha_host_failures_to_tolerate: ({ api }, self, value) => {
    if (value < 0) throw new ApiError('INVALID_VALUE', 'ha_host_failures_to_tolerate', String(value));
    api.db.set('pool', self, { ha_host_failures_to_tolerate: value });
    updateStatus(api);
  },
  ha_schedule_plan_recomputation: ({ api }) => updateStatus(api),
};
