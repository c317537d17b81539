import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Fields } from '../../model/types.js';
import { domainType } from '../world/domain-records.js';

/**
 * Why a running VM cannot be given a drive or lose one, or undefined. Guests with hardware of their own need drivers
 * for it, and their CD drives stay where they are.
 */
export function canPlugDisks(db: Database, ref: string, vm: Fields<'VM'>, type: Fields<'VBD'>['type']): ApiError | undefined {
  if (domainType(vm) !== 'hvm') return undefined;
  const guest = db.find('VM_guest_metrics', vm.guest_metrics)?.fields;
  if (guest?.can_use_hotplug_vbd === 'no') {
    return new ApiError('OPERATION_NOT_ALLOWED', 'VM states it does not support VBD hotplug.');
  }
  if (guest?.can_use_hotplug_vbd !== 'yes' && !guest?.PV_drivers_detected && !hasDriverVersion(guest)) {
    return new ApiError('VM_MISSING_PV_DRIVERS', ref);
  }
  if (type !== 'CD') return undefined;
  return new ApiError('OPERATION_NOT_ALLOWED', 'HVM CDROMs cannot be hotplugged/unplugged, only inserted or ejected');
}

function hasDriverVersion(guest: Fields<'VM_guest_metrics'> | undefined): boolean {
  const version = guest?.PV_drivers_version;
  return ['major', 'minor'].every((part) => /^-?\d+$/.test(version?.get(part) ?? ''));
}
