import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { hasNestedVirtualisation, isDomainZero } from '../../operations/rules/VM/refusal.js';
import { memoryOverhead } from './memory-overhead.js';

/** The four limits of a VM's memory in bytes. */
export interface MemoryLimits {
  readonly staticMin: number;
  readonly dynamicMin: number;
  readonly dynamicMax: number;
  readonly staticMax: number;
}

/** The limits that a VM has. */
export function memoryLimits(vm: Fields<'VM'>): MemoryLimits {
  return {
    staticMin: vm.memory_static_min,
    dynamicMin: vm.memory_dynamic_min,
    dynamicMax: vm.memory_dynamic_max,
    staticMax: vm.memory_static_max,
  };
}

/**
 * Throws MEMORY_CONSTRAINT_VIOLATION_ORDER unless each limit is at most the next one, and
 * MEMORY_CONSTRAINT_VIOLATION_MAXPIN where the memory of the VM cannot move and the limits would let it.
 */
export function assertLimits(db: Database, vm: Fields<'VM'>, limits: MemoryLimits): void {
  const { staticMin, dynamicMin, dynamicMax, staticMax } = limits;
  const fixed = vm.is_control_domain ? 'control domain' : hasNestedVirtualisation(db, vm) ? 'nested virt' : undefined;
  if (fixed !== undefined) {
    if (staticMin > dynamicMin || dynamicMin !== dynamicMax || dynamicMax !== staticMax)
      throw new ApiError('MEMORY_CONSTRAINT_VIOLATION_MAXPIN', fixed);
  } else if (staticMin > dynamicMin || dynamicMin > dynamicMax || dynamicMax > staticMax)
    throw new ApiError('MEMORY_CONSTRAINT_VIOLATION_ORDER');
}

/**
 * Checks and writes limits of a VM without a domain, or of a running driver domain, which takes them at its next boot.
 * Throws as `assertLimits`, and OPERATION_NOT_ALLOWED for the control domain of a host, whose memory its boot loader sets.
 */
export function writeLimits(db: Database, self: Ref<'VM'>, limits: MemoryLimits, target?: number): void {
  const vm = db.get('VM', self);
  assertLimits(db, vm, limits);
  if (isDomainZero(db, self, vm))
    throw new ApiError('OPERATION_NOT_ALLOWED', 'the memory of the control domain is set on the host itself');
  db.set('VM', self, {
    memory_static_min: limits.staticMin,
    memory_dynamic_min: limits.dynamicMin,
    memory_dynamic_max: limits.dynamicMax,
    memory_static_max: limits.staticMax,
    ...(target !== undefined && { memory_target: target }),
    memory_overhead: memoryOverhead({ ...vm, memory_static_max: limits.staticMax }),
    ...(vm.power_state === 'Running' && { requires_reboot: true }),
  });
}
