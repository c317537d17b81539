import { ApiError } from '../../../model/error.js';
import { isNullRef } from '../../../model/ref.js';
import type { OperationRules } from '../rule.js';
import { listedOperations } from './VM/facts.js';
import { devicesOf, noteMetricsOwner } from './VM/influences.js';
import { vmRefusal } from './VM/refusal.js';

/** Stands for any reason where only its being there counts: allowed_operations of thousands of VMs are computed at a start. */
const REFUSED = new ApiError('OPERATION_NOT_ALLOWED', 'not in the present state');

/** When the operations of a VM may be done. */
export const vmRules: OperationRules<'VM'> = {
  className: 'VM',
  advertised: listedOperations,
  check(db, ref, fields, operation, aboutToRun) {
    // A migration that is forced does not ask whether the guest would help; its handler asks where it is not.
    const refusal = vmRefusal(db, ref, fields, operation, !(aboutToRun && operation === 'pool_migrate'));
    return refusal && (aboutToRun ? refusal() : REFUSED);
  },
  // Not is_a_template: the original does not look again when a template is made a VM by hand, and clients were recorded
  // seeing the old list until the next operation.
  inputs: [
    'power_state',
    'is_a_snapshot',
    'is_default_template',
    'is_control_domain',
    'resident_on',
    'blocked_operations',
    'platform',
    'metrics',
    'guest_metrics',
    'VBDs',
    'VUSBs',
    'VGPUs',
    'VTPMs',
    'attached_PCIs',
    'appliance',
    'protection_policy',
    'snapshot_schedule',
  ],
  *dependents(db, ref, fields) {
    noteMetricsOwner(db, ref, fields);
    yield* devicesOf(fields);
    for (const vtpm of fields.VTPMs) yield ['VTPM', vtpm];
    if (!isNullRef(fields.appliance)) yield ['VM_appliance', fields.appliance];
  },
};
