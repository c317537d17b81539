import { ApiError } from '../../../model/error.js';
import type { EnumValue } from '../../../model/types.js';
import { inProgress } from '../operations.js';
import type { OperationOf, OperationRules } from '../rule.js';

type Power = EnumValue<'vm_power_state'>;

/** For which state of a VM an operation has something to do, and what is said when no VM is in it. */
const NEEDS: { readonly [O in OperationOf<'VM_appliance'>]: [(power: Power) => boolean, string] } = {
  start: [(power) => power === 'Halted', 'There are no halted VMs in this appliance.'],
  clean_shutdown: [(power) => power === 'Running', 'There are no running VMs in this appliance.'],
  hard_shutdown: [(power) => power !== 'Halted', 'All VMs in this appliance are halted.'],
  shutdown: [(power) => power !== 'Halted', 'All VMs in this appliance are halted.'],
};

/** When the operations of an appliance may be done: one at a time, and only where it changes something. */
export const applianceRules: OperationRules<'VM_appliance'> = {
  className: 'VM_appliance',
  advertised: ['start', 'clean_shutdown', 'hard_shutdown', 'shutdown'],
  // VMs that change their state refresh their appliance themselves.
  inputs: ['VMs'],
  check(db, ref, { VMs, current_operations }, operation) {
    for (const [task, current] of current_operations) return inProgress('VM_appliance', ref, current, task);
    if (!VMs.length) return new ApiError('OPERATION_NOT_ALLOWED', 'Appliance has no VMs.');
    const [suits, text] = NEEDS[operation];
    const useful = VMs.some((vm) => suits(db.get('VM', vm).power_state));
    return useful ? undefined : new ApiError('OPERATION_NOT_ALLOWED', text);
  },
};
