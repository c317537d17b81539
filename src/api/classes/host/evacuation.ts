import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { guestsOf, planEvacuation } from '../../availability/evacuation.js';
import { refused } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { invokeAsTask } from '../../invoke.js';
import { target } from '../../operations/operations.js';
import type { HostMessages } from './messages.js';

/** VMs that move at the same time when the caller names no number, as with the original. */
const BATCH_SIZE = 10;

async function obstacles(call: Call, host: Ref<'host'>): Promise<Map<Ref<'VM'>, readonly string[]>> {
  const plan = await planEvacuation(call, host);
  const found = new Map<Ref<'VM'>, readonly string[]>();
  for (const [vm, place] of plan) if (place instanceof ApiError) found.set(vm, place.description);
  return found;
}

async function evacuate(call: Call, host: Ref<'host'>, network: Ref<'network'>, batchSize: number): Promise<void> {
  const { api, task } = call;
  const plan = await planEvacuation(call, host);
  const moves: [Ref<'VM'>, Ref<'host'>][] = [];
  for (const [vm, place] of plan) {
    if (place instanceof ApiError) throw place;
    moves.push([vm, place]);
  }
  const options = new Map([['live', 'true']]);
  if (api.db.exists('network', network)) options.set('network', network);
  let done = 0;
  await inBatches(moves, batchSize > 0 ? batchSize : BATCH_SIZE, async ([vm, destination]) => {
    task.check();
    await move(call, vm, destination, options);
    task.progress(++done / moves.length);
  });
  const left = guestsOf(api, host).length;
  if (left) throw new ApiError('INTERNAL_ERROR', `evacuate: ${left} VMs are still resident on ${host}`);
}

/** A VM that has ended meanwhile needs to move no more. */
async function move(call: Call, vm: Ref<'VM'>, destination: Ref<'host'>, options: ReadonlyMap<string, string>): Promise<void> {
  try {
    await invokeAsTask(call, 'VM', 'pool_migrate', vm, destination, options);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.code === 'VM_BAD_POWER_STATE')) throw thrown;
  }
}

/** Works on all items, a number of them at a time. Begins no further one after a failure; rejects when those under way have ended. */
async function inBatches<T>(items: readonly T[], size: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  let failed = false;
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined && !failed; item = queue.shift()) {
      try {
        await work(item);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(size, items.length) }, worker));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
}

/** Emptying a host. */
export const evacuationMessages: HostMessages = {
  assert_can_evacuate: async (call, host) => {
    const reasons = [...(await obstacles(call, host)).values()].map((reason) => reason.join(','));
    if (reasons.length) throw new ApiError('CANNOT_EVACUATE_HOST', reasons.join('|'));
  },
  get_vms_which_prevent_evacuation: obstacles,
  get_uncooperative_resident_VMs: () => [],
  get_uncooperative_domains: () => [],
  evacuate: (call, host, network, batchSize) =>
    call.api.operations.run(call.task, [target('host', host, 'evacuate')], () => evacuate(call, host, network, batchSize)),
  retrieve_wlb_evacuate_recommendations: refused('WLB_NOT_INITIALIZED'),
};
