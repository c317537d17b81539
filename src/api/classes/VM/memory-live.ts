import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { freeMemory, hostMemories } from '../../placement/memory.js';
import { assertLimits, memoryLimits } from './memory-limits.js';

const KIB = 1024;

/** How far memory may be from its bounds and still count as there (bytes), and how long that is waited for (milliseconds). */
const TOLERANCE = 2 ** 20;
const PATIENCE = 256_000;
const INTERVAL = 1000;

/**
 * Moves the bounds of a running VM's memory. Throws HOST_NOT_ENOUGH_FREE_MEMORY (in KiB) where the host could not keep
 * the new lower bound for it.
 */
export async function moveBounds({ api }: Call, self: Ref<'VM'>, minimum: number, maximum: number): Promise<void> {
  const { db } = api;
  const vm = db.get('VM', self);
  assertLimits(db, vm, { ...memoryLimits(vm), dynamicMin: minimum, dynamicMax: maximum });
  const more = minimum - vm.memory_dynamic_min;
  const memory = hostMemories(db).get(vm.resident_on);
  const left = memory ? freeMemory(memory) : 0;
  if (more > left)
    throw new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', String(Math.floor(more / KIB)), String(Math.floor(left / KIB)));
  const write = (low: number, high: number) =>
    db.set('VM', self, { memory_dynamic_min: low, memory_dynamic_max: high, memory_target: low });
  // Written first: until the host has done it, nobody else may count on the memory.
  write(minimum, maximum);
  try {
    await api.hosts.get(vm.resident_on).compute.setMemoryRange(vm.uuid, minimum, maximum);
  } catch (thrown) {
    write(vm.memory_dynamic_min, vm.memory_dynamic_max);
    throw thrown;
  }
}

/** Waits until a running VM's memory is within its bounds, and records it. Throws VM_MEMORY_TARGET_WAIT_TIMEOUT. */
export async function waitForBounds({ api, task }: Call, vm: Fields<'VM'>): Promise<void> {
  const { compute } = api.hosts.get(vm.resident_on);
  const end = Date.now() + PATIENCE;
  task.cancellable(true);
  for (;;) {
    task.check();
    const actual = (await compute.list()).find(({ uuid }) => uuid === vm.uuid)?.memory ?? vm.memory_dynamic_min;
    if (actual >= vm.memory_dynamic_min - TOLERANCE && actual <= vm.memory_dynamic_max + TOLERANCE) {
      if (api.db.exists('VM_metrics', vm.metrics)) api.db.set('VM_metrics', vm.metrics, { memory_actual: actual });
      return;
    }
    if (Date.now() >= end) throw new ApiError('VM_MEMORY_TARGET_WAIT_TIMEOUT', task.ref);
    await delay(INTERVAL);
  }
}
