import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { ClassBehaviour } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { onHost } from '../../host-errors.js';
import { diskSpec } from '../../world/domain-spec.js';
import { domainOf } from './plug.js';

/** How fast drives may be, of running VMs from the moment when it is set. */
export const speedSetters: NonNullable<ClassBehaviour<'VBD'>['setters']> = {
  qos_algorithm_type: (call, self, qos_algorithm_type) => change(call, self, { qos_algorithm_type }),
  qos_algorithm_params: (call, self, qos_algorithm_params) => change(call, self, { qos_algorithm_params }),
};

/** Where the host refuses, the record says again what holds. */
async function change(call: Call, self: Ref<'VBD'>, patch: Partial<Fields<'VBD'>>): Promise<void> {
  const { db } = call.api;
  const { qos_algorithm_type, qos_algorithm_params, ...vbd } = db.get('VBD', self);
  db.set('VBD', self, patch);
  const { power_state, is_control_domain } = db.get('VM', vbd.VM);
  const lives = power_state === 'Running' || power_state === 'Paused';
  if (!vbd.currently_attached || !lives || is_control_domain) return;
  try {
    const { compute, domain } = domainOf(call, vbd.VM);
    await onHost(db, () => compute.limitDisk(domain, diskSpec(db, db.get('VBD', self))));
  } catch (thrown) {
    if (db.exists('VBD', self)) db.set('VBD', self, { qos_algorithm_type, qos_algorithm_params });
    throw thrown;
  }
}
