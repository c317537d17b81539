import { ApiError } from '../../../model/error.js';
import type { OperationRules } from '../rule.js';
import { deviceBusy, vmEnding } from './hotplug.js';

/** When the operations of a VUSB may be done. */
export const vusbRules: OperationRules<'VUSB'> = {
  className: 'VUSB',
  advertised: ['attach', 'plug', 'unplug'],
  inputs: ['VM', 'currently_attached'],
  check: (db, ref, vusb, operation) => {
    const vm = db.find('VM', vusb.VM)?.fields;
    if (!vm) return new ApiError('HANDLE_INVALID', 'VM', vusb.VM);
    const busy = deviceBusy('VUSB', ref, vusb.current_operations);
    if (busy || operation === 'attach') return busy;
    if (vm.power_state !== 'Running') return new ApiError('VM_BAD_POWER_STATE', vusb.VM, 'running', vm.power_state.toLowerCase());
    if (operation === 'plug' && vusb.currently_attached) return new ApiError('DEVICE_ALREADY_ATTACHED', ref);
    if (operation === 'unplug' && !vusb.currently_attached) return new ApiError('DEVICE_ALREADY_DETACHED', ref);
    return vmEnding(vusb.VM, vm);
  },
};
