import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Call } from '../call.js';
import { failureOf } from '../invoke.js';
import { target } from '../operations/operations.js';
import { assertCanBootHere } from '../placement/can-boot-here.js';
import { freeMemory, hostMemories, memoryToStart } from '../placement/memory.js';
import { isLive } from '../reach.js';
import { pack } from './pack.js';

/** For each VM that runs on a host, where it can go or why it cannot. */
export type EvacuationPlan = ReadonlyMap<Ref<'VM'>, Ref<'host'> | ApiError>;

/** The VMs of a host apart from its control domain. */
export function guestsOf({ db }: Call['api'], host: Ref<'host'>): Ref<'VM'>[] {
  return db.get('host', host).resident_VMs.filter((vm) => !db.get('VM', vm).is_control_domain);
}

/** Reckons where the VMs of a host could go if it were to be emptied now. Moves nothing. */
export async function planEvacuation(call: Call, host: Ref<'host'>): Promise<EvacuationPlan> {
  const { db, operations } = call.api;
  const vms = guestsOf(call.api, host);
  const destinations = [...db.all('host')].flatMap(([ref, { enabled }]) =>
    ref !== host && enabled && isLive(db, ref) ? [ref] : [],
  );
  const plan = new Map<Ref<'VM'>, Ref<'host'> | ApiError>();
  const possible = new Map<string, ReadonlySet<string>>();
  for (const vm of vms) {
    if (!destinations.length) {
      plan.set(vm, new ApiError('NO_HOSTS_AVAILABLE', vm));
      continue;
    }
    const reason = await failureOf(() => operations.assert(target('VM', vm, 'pool_migrate')));
    const found = reason ?? (await hostsFor(call.api, vm, destinations));
    if (found instanceof ApiError) plan.set(vm, found);
    else possible.set(vm, found);
  }
  const memories = hostMemories(db);
  const { places, left } = pack(
    new Map([...memories].flatMap(([ref, memory]) => (destinations.includes(ref) ? [[ref, freeMemory(memory)]] : []))),
    new Map([...possible.keys()].map((vm) => [vm, memoryToStart(db.get('VM', vm))])),
    (vm, destination) => possible.get(vm)?.has(destination) ?? false,
  );
  for (const [vm, destination] of places) plan.set(vm as Ref<'VM'>, destination as Ref<'host'>);
  for (const vm of left) plan.set(vm as Ref<'VM'>, new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', vm));
  return plan;
}

/** Hosts on which a VM can run as far as storage, networks and processors go; memory is reckoned for all VMs together. */
async function hostsFor(
  api: Call['api'],
  vm: Ref<'VM'>,
  destinations: readonly Ref<'host'>[],
): Promise<ReadonlySet<string> | ApiError> {
  const fit = new Set<string>();
  let first: ApiError | undefined;
  for (const destination of destinations) {
    const reason = await failureOf(() => assertCanBootHere(api, vm, destination, { memory: false }));
    if (!reason) fit.add(destination);
    else first ??= reason;
  }
  return fit.size || !first ? fit : first;
}
