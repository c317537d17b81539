import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { memoryLimits, writeLimits } from './memory-limits.js';
import { moveBounds, waitForBounds } from './memory-live.js';
import { largestStaticMax, memoryOverhead } from './memory-overhead.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';

/** Virtual CPUs that a rough estimate leaves room for. */
const CAUTIOUS_VCPUS = 64;

/** Memory of a VM; sizes in bytes. */
export const memory: VmMessages = {
  compute_memory_overhead: ({ api }, vm) => memoryOverhead(api.db.get('VM', vm)),
  maximise_memory: ({ api }, self, total, approximate) => {
    const vm = api.db.get('VM', self);
    return largestStaticMax(approximate ? { ...vm, VCPUs_max: CAUTIOUS_VCPUS } : vm, total);
  },
  set_memory: (call, self, value) =>
    withOperation(call, self, 'changing_memory_limits', (vm) =>
      writeLimits(
        call.api.db,
        self,
        { staticMin: vm.memory_static_min, dynamicMin: value, dynamicMax: value, staticMax: value },
        value,
      ),
    ),
  set_memory_limits: (call, self, staticMin, staticMax, dynamicMin, dynamicMax) =>
    withOperation(call, self, 'changing_memory_limits', () =>
      writeLimits(call.api.db, self, { staticMin, dynamicMin, dynamicMax, staticMax }, dynamicMin),
    ),
  set_memory_static_range: (call, self, min, max) => setStatic(call, self, () => [min, max]),
  set_memory_static_min: (call, self, value) => setStatic(call, self, (vm) => [value, vm.staticMax]),
  set_memory_static_max: (call, self, value) => setStatic(call, self, (vm) => [vm.staticMin, value]),
  set_memory_dynamic_range: (call, self, min, max) => setDynamic(call, self, () => [min, max]),
  set_memory_dynamic_min: (call, self, value) => setDynamic(call, self, (vm) => [value, vm.dynamicMax]),
  set_memory_dynamic_max: (call, self, value) => setDynamic(call, self, (vm) => [vm.dynamicMin, value]),
  set_memory_target_live: (call, self, target) =>
    withOperation(call, self, 'changing_memory_live', () => moveBounds(call, self, target, target)),
  wait_memory_target_live: (call, self) => withOperation(call, self, 'awaiting_memory_live', (vm) => waitForBounds(call, vm)),
  get_cooperative: ({ api }, self) => {
    // Guests have not been judged for following their target since 2012; the answer that remained is yes.
    api.db.get('VM', self);
    return true;
  },
};

type Range = (now: ReturnType<typeof memoryLimits>) => readonly [minimum: number, maximum: number];

function setStatic(call: Call, self: Ref<'VM'>, range: Range): Promise<void> {
  return withOperation(call, self, 'changing_static_range', (vm) => {
    const limits = memoryLimits(vm);
    const [staticMin, staticMax] = range(limits);
    writeLimits(call.api.db, self, { ...limits, staticMin, staticMax });
  });
}

function setDynamic(call: Call, self: Ref<'VM'>, range: Range): Promise<void> {
  return withOperation(call, self, 'changing_dynamic_range', async (vm) => {
    const limits = memoryLimits(vm);
    const [dynamicMin, dynamicMax] = range(limits);
    if (vm.power_state === 'Running') await moveBounds(call, self, dynamicMin, dynamicMax);
    else writeLimits(call.api.db, self, { ...limits, dynamicMin, dynamicMax }, dynamicMin);
  });
}
