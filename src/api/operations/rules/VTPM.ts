import { ApiError } from '../../../model/error.js';
import type { OperationRules } from '../rule.js';
import { badPowerState } from './VM/refusal.js';

/** When the operations of a VTPM may be done. */
export const vtpmRules: OperationRules<'VTPM'> = {
  className: 'VTPM',
  advertised: ['destroy'],
  inputs: ['VM'],
  check(db, ref, { VM, current_operations: current }) {
    for (const [task, operation] of current) return new ApiError('OTHER_OPERATION_IN_PROGRESS', 'VTPM', ref, operation, task);
    const state = db.find('VM', VM)?.fields.power_state ?? 'Halted';
    return state === 'Halted' ? undefined : badPowerState(VM, ['Halted'], state);
  },
};
