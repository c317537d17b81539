import { ApiError } from '../../model/error.js';
import type { Fields } from '../../model/types.js';
import { domainType } from '../world/domain-records.js';

/** Throws why the settings of a VM do not allow it to boot anywhere. */
export function assertBootable(vm: Fields<'VM'>): void {
  if (vm.VCPUs_max < 1) throw new ApiError('INVALID_VALUE', 'VCPUs_max', String(vm.VCPUs_max));
  if (vm.VCPUs_at_startup < 1) throw new ApiError('INVALID_VALUE', 'VCPUs-at-startup', String(vm.VCPUs_at_startup));
  if (vm.VCPUs_at_startup > vm.VCPUs_max)
    throw new ApiError('VALUE_NOT_SUPPORTED', 'VCPUs-at-startup', String(vm.VCPUs_at_startup), 'value greater than VCPUs-max');
  // The dynamic range may stick out of the static one: it is cut down to it at the start. Only the order counts.
  if (vm.memory_static_min > vm.memory_static_max || vm.memory_dynamic_min > vm.memory_dynamic_max)
    throw new ApiError('MEMORY_CONSTRAINT_VIOLATION');
  if (vm.HVM_shadow_multiplier < 1)
    throw new ApiError('INVALID_VALUE', 'HVM_shadow_multiplier', String(vm.HVM_shadow_multiplier));
  assertCrashAction(vm);
}

function assertCrashAction(vm: Fields<'VM'>): void {
  const action = vm.actions_after_crash;
  const refuse = (reason: string) => new ApiError('VALUE_NOT_SUPPORTED', 'VM.actions_after_crash', action, reason);
  if (action === 'rename_restart') throw refuse('a crashed domain is not kept under another name');
  if ((action === 'coredump_and_destroy' || action === 'coredump_and_restart') && domainType(vm) !== 'pv')
    throw refuse('cannot invoke a coredump of an HVM, PVH or PV-in-PVH domain');
}
