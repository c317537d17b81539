import type { Database } from '../../../db/database.js';
import { toDateTime } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { removeProxies } from '../../network/vif-record.js';
import { ensureMetrics } from '../../world/domain-records.js';
import type { VmMessages, VmSetters } from './messages.js';
import { withOperation } from './operation.js';

/** Between VM and template. */
export const templateSetters: VmSetters = {
  is_a_template: (call, self, value) => {
    if (!value) return becomeVm(call, self);
    // A client that exports a snapshot as a VM takes the flag away for that time, and gives it back.
    const { is_a_snapshot, is_a_template } = call.api.db.get('VM', self);
    if (is_a_snapshot && !is_a_template) return call.api.db.set('VM', self, { is_a_template: true });
    return withOperation(call, self, 'make_into_template', () => becomeTemplate(call.api.db, self));
  },
};

export const templates: VmMessages = {
  set_is_default_template: (call, self, value) => {
    const { db } = call.api;
    const { is_a_template: already } = db.get('VM', self);
    if (!value || already) return markDefault(db, self, value);
    return withOperation(call, self, 'make_into_template', () =>
      db.transaction(() => {
        becomeTemplate(db, self);
        markDefault(db, self, true);
      }),
    );
  },
};

/** Other software knows shipped templates by the key. */
function markDefault(db: Database, self: Ref<'VM'>, value: boolean): void {
  const rest = [...db.get('VM', self).other_config].filter(([key]) => key !== 'default_template');
  db.set('VM', self, { is_default_template: value, other_config: new Map([['default_template', String(value)], ...rest]) });
}

/** Makes a VM of a template: the moment counts as its installation. */
export function becomeVm({ api }: Pick<Call, 'api'>, self: Ref<'VM'>): void {
  const { db } = api;
  db.transaction(() => {
    db.set('VM_metrics', ensureMetrics(api, self), { install_time: toDateTime() });
    db.set('VM', self, { is_a_template: false });
  });
}

/** Makes a template of a VM: it loses what only something that runs has. Throws VM_IS_PROTECTED while HA would restart it. */
function becomeTemplate(db: Database, self: Ref<'VM'>): void {
  const vm = db.get('VM', self);
  const haEnabled = [...db.all('pool')].some(([, pool]) => pool.ha_enabled);
  if (haEnabled && vm.ha_always_run && vm.ha_restart_priority === 'restart') throw new ApiError('VM_IS_PROTECTED', self);
  db.transaction(() => {
    for (const vusb of vm.VUSBs) if (db.exists('VUSB', vusb)) db.destroy('VUSB', vusb);
    for (const vif of vm.VIFs) removeProxies(db, vif);
    if (db.exists('VM_metrics', vm.metrics)) db.destroy('VM_metrics', vm.metrics);
    db.set('VM', self, { is_a_template: true, ha_always_run: false, groups: [], metrics: NULL_REF });
  });
}
