import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Fields } from '../../../model/types.js';
import { isSriovNetwork } from '../../network/pif-kind.js';
import { domainType } from '../../world/domain-records.js';
import type { OperationOf, OperationRules } from '../rule.js';
import { deviceBusy, vmEnding } from './hotplug.js';
import { driversKnown } from './VM/guest.js';

type Operation = OperationOf<'VIF'>;

function powerRefusal(ref: string, vif: Fields<'VIF'>, vm: Fields<'VM'>, operation: Operation): ApiError | undefined {
  if (operation === 'attach') return undefined;
  if (vm.power_state !== 'Running') return new ApiError('VM_BAD_POWER_STATE', vif.VM, 'running', vm.power_state.toLowerCase());
  const plugged = vif.currently_attached || vif.reserved;
  if (operation === 'plug') return plugged ? new ApiError('DEVICE_ALREADY_ATTACHED', ref) : undefined;
  return plugged ? undefined : new ApiError('DEVICE_ALREADY_DETACHED', ref);
}

/** Guests with hardware of their own need drivers for a card that comes or goes. */
function guestRefusal(db: Database, vif: Fields<'VIF'>, vm: Fields<'VM'>): ApiError | undefined {
  if (vm.power_state !== 'Running' || domainType(vm) !== 'hvm') return undefined;
  const guest = db.find('VM_guest_metrics', vm.guest_metrics)?.fields;
  if (guest?.can_use_hotplug_vif === 'no')
    return new ApiError('OPERATION_NOT_ALLOWED', 'VM states it does not support VIF hotplug.');
  const able = guest?.can_use_hotplug_vif === 'yes' || guest?.PV_drivers_detected || driversKnown(guest);
  return able ? undefined : new ApiError('VM_MISSING_PV_DRIVERS', vif.VM);
}

/** When the operations of a VIF may be done. */
export const vifRules: OperationRules<'VIF'> = {
  className: 'VIF',
  advertised: ['attach', 'plug', 'unplug'],
  inputs: ['VM', 'network', 'currently_attached', 'reserved'],
  check: (db, ref, vif, operation) => {
    const vm = db.find('VM', vif.VM)?.fields;
    if (!vm) return new ApiError('HANDLE_INVALID', 'VM', vif.VM);
    const busy = deviceBusy('VIF', ref, vif.current_operations);
    if (busy || operation === 'attach') return busy;
    if (operation === 'plug' && vm.is_control_domain)
      return new ApiError('OPERATION_NOT_ALLOWED', 'Control domain does not support hotplug');
    const network = db.find('network', vif.network)?.fields;
    if (network && isSriovNetwork(db, network))
      return new ApiError('OPERATION_NOT_ALLOWED', 'Network SR-IOV VIF plug/unplug not allowed');
    return powerRefusal(ref, vif, vm, operation) ?? vmEnding(vif.VM, vm) ?? guestRefusal(db, vif, vm);
  },
};
