import type { OperationRules } from '../rule.js';

/** When the operations of a VM_appliance may be done. */
export const applianceRules: OperationRules<'VM_appliance'> = {
  className: 'VM_appliance',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
