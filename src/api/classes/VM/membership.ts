import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import { isNullRef, orNullRef } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { canQuiesce } from '../../operations/rules/VM/guest.js';
import type { VmMessages } from './messages.js';

const PRIORITIES: ReadonlySet<string> = new Set(['', 'restart', 'best-effort']);

/** What a VM belongs to, and in which order it starts there. */
export const membership: VmMessages = {
  set_appliance: ({ api }, self, value) => {
    assertPlain(api.db.get('VM', self), 'appliances');
    api.db.set('VM', self, { appliance: orNullRef(value) });
  },
  set_groups: ({ api }, self, value) => {
    assertPlain(api.db.get('VM', self), 'VM groups');
    if (value.length > 1) throw new ApiError('TOO_MANY_GROUPS');
    api.db.set('VM', self, { groups: value });
  },
  set_snapshot_schedule: ({ api }, self, value) => {
    const vm = api.db.get('VM', self);
    if (!isNullRef(value)) assertCanBeScheduled(api.db, self, vm, value);
    api.db.set('VM', self, { snapshot_schedule: orNullRef(value) });
  },
  set_start_delay: ({ api }, self, value) => {
    assertNotNegative('start_delay', value);
    api.db.set('VM', self, { start_delay: value });
  },
  set_shutdown_delay: ({ api }, self, value) => {
    assertNotNegative('shutdown_delay', value);
    api.db.set('VM', self, { shutdown_delay: value });
  },
  set_order: ({ api }, self, value) => {
    assertNotNegative('order', value);
    api.db.set('VM', self, { order: value });
  },
  set_ha_restart_priority: ({ api }, self, value) => setPriority(api.db, self, value),
  set_ha_always_run: ({ api }, self, value) => setPriority(api.db, self, value ? 'restart' : ''),
};

/** A VM that runs is under protection from now on; one that does not, from its next start on. */
function setPriority(db: Database, self: string, value: string): void {
  if (!PRIORITIES.has(value)) throw new ApiError('INVALID_VALUE', 'ha_restart_priority', value);
  const vm = db.get('VM', self);
  if (vm.ha_restart_priority === value) return;
  const running = vm.power_state === 'Running';
  db.set('VM', self, { ha_restart_priority: value, ...(running && { ha_always_run: value === 'restart' }) });
}

function assertPlain(vm: Fields<'VM'>, what: string): void {
  if (vm.is_control_domain || vm.is_a_template || vm.is_a_snapshot)
    throw new ApiError('OPERATION_NOT_ALLOWED', `control domains, templates and snapshots cannot be members of ${what}`);
}

function assertCanBeScheduled(db: Database, self: string, vm: Fields<'VM'>, schedule: string): void {
  const plan = db.find('VMSS', schedule)?.fields;
  if (!plan || vm.is_control_domain) throw new ApiError('INVALID_VALUE', schedule);
  if (vm.is_a_template) throw new ApiError('VM_IS_TEMPLATE', self);
  if (plan.type === 'snapshot_with_quiesce' && !canQuiesce(db, vm))
    throw new ApiError('VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED', self);
}

function assertNotNegative(field: string, value: number): void {
  if (value < 0) throw new ApiError('INVALID_VALUE', field, String(value));
}
