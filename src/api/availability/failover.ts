import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { memoryFootprint } from '../classes/VM/memory-overhead.js';
import { assertAgile } from '../placement/agility.js';
import { freeMemory, hostMemories } from '../placement/memory.js';
import { isLive } from '../reach.js';
import { type Guarded, mostFailures, survives } from './failures.js';

/** VMs that are to be started again when their host fails. */
export function protectedVms({ db }: Api): Ref<'VM'>[] {
  return db
    .filter('VM', (vm) => vm.ha_always_run && vm.ha_restart_priority === 'restart' && !vm.is_a_template)
    .map(([ref]) => ref);
}

/** Why a VM could not be started on just any host, or undefined when it could. */
export function bondOf({ db }: Api, vm: Ref<'VM'>): ApiError | undefined {
  try {
    assertAgile(db, vm);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
}

/** Bytes that hosts which are up can still give, by host; those that take no VMs are left out unless wanted. */
export function roomOfHosts({ db }: Api, disabledToo = false): Map<string, number> {
  const rooms = new Map<string, number>();
  for (const [host, memory] of hostMemories(db))
    if (isLive(db, host) && (disabledToo || db.get('host', host).enabled)) rooms.set(host, freeMemory(memory));
  return rooms;
}

/** Hosts, and the VMs that must go on. A VM that is started anew gets all the memory that it may have. */
function guard(api: Api, vms: readonly Ref<'VM'>[]): Guarded {
  const rooms = roomOfHosts(api);
  const loads = new Map<string, Map<string, number>>();
  const waiting = new Map<string, number>();
  for (const vm of vms) {
    const fields = api.db.get('VM', vm);
    const size = memoryFootprint(fields, fields.memory_static_max);
    const host = placeOf(fields, rooms);
    if (host === undefined) waiting.set(vm, size);
    else loads.set(host, (loads.get(host) ?? new Map()).set(vm, size));
  }
  return { rooms, loads, waiting };
}

function placeOf(vm: Fields<'VM'>, rooms: ReadonlyMap<string, number>): string | undefined {
  return [vm.resident_on, vm.scheduled_to_be_resident_on].find((host) => rooms.has(host));
}

/** Whether all of the VMs could go on whichever so many hosts fail. */
export function planExists(api: Api, vms: readonly Ref<'VM'>[], failures: number): boolean {
  return vms.every((vm) => !bondOf(api, vm)) && survives(guard(api, vms), failures);
}

/** The largest number of hosts whose failure the VMs would survive. */
export function mostFailuresFor(api: Api, vms: readonly Ref<'VM'>[]): number {
  if (vms.some((vm) => bondOf(api, vm))) return 0;
  // Nothing to go on: all hosts may fail, those that are down included.
  return vms.length ? mostFailures(guard(api, vms)) : api.db.table('host').rows.size;
}
