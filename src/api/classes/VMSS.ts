import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue } from '../../model/types.js';
import type { Api } from '../api.js';
import type { ClassBehaviour } from '../behaviour.js';
import { canQuiesce } from '../operations/rules/VM/guest.js';
import { takeSnapshots } from './VMSS/run.js';
import { checkEntries, checkNew, complete, type Schedule } from './VMSS/schedule.js';

/** Snapshots that are kept of each VM. */
const RETAINED = { least: 1, most: 10 };

/**
 * What `remove_from_schedule` last took away. Clients change a key by removing and adding it; when what they add is
 * refused, the old value comes back.
 */
const removed = new WeakMap<Api, { readonly vmss: Ref<'VMSS'>; readonly schedule: Schedule }>();

/** Schedules that take snapshots of their VMs. */
export const VMSS: ClassBehaviour<'VMSS'> = {
  create: ({ api }, args) => {
    assertLicensed(api);
    assertPossible(api, args.type);
    const schedule = checkNew(args.frequency, args.schedule);
    checkRetained(args.retained_snapshots);
    return api.db.create('VMSS', { ...args, schedule });
  },
  destroy: ({ api }, self) => {
    assertLicensed(api);
    const { VMs, uuid } = api.db.get('VMSS', self);
    if (VMs.length) throw new ApiError('VMSS_HAS_VM');
    api.db.transaction(() => {
      for (const [message] of api.db.filter('message', ({ obj_uuid }) => obj_uuid === uuid)) api.db.destroy('message', message);
      api.db.destroy('VMSS', self);
    });
  },
  messages: {
    snapshot_now: async (call, vmss) => {
      assertLicensed(call.api);
      const failures = await takeSnapshots(call, vmss);
      const [first] = failures.values();
      if (first) throw first;
      return 'true';
    },
    set_retained_snapshots: ({ api }, self, value) => {
      assertLicensed(api);
      checkRetained(value);
      api.db.set('VMSS', self, { retained_snapshots: value });
    },
    set_frequency: ({ api }, self, frequency) => {
      assertLicensed(api);
      const schedule = complete(frequency, api.db.get('VMSS', self).schedule);
      api.db.set('VMSS', self, { frequency, schedule });
    },
    // Keys that are not named keep their value, as with the original.
    set_schedule: ({ api }, self, value) => {
      assertLicensed(api);
      const { schedule } = api.db.get('VMSS', self);
      api.db.set('VMSS', self, { schedule: checkEntries(new Map([...schedule, ...value])) });
    },
    add_to_schedule: ({ api }, self, key, value) => {
      assertLicensed(api);
      const { schedule } = api.db.get('VMSS', self);
      const old = removed.get(api);
      const add = (text: string) => api.db.set('VMSS', self, { schedule: new Map([...schedule, [key, text]]) });
      try {
        const checked = checkEntries(new Map([[key, value]])).get(key) ?? value;
        if (schedule.has(key)) throw new ApiError('MAP_DUPLICATE_KEY', 'VMSS', 'schedule', self, key);
        add(checked);
      } catch (thrown) {
        const before = old?.vmss === self ? old.schedule.get(key) : undefined;
        if (before !== undefined && !schedule.has(key)) add(before);
        throw thrown;
      }
    },
    remove_from_schedule: ({ api }, self, key) => {
      assertLicensed(api);
      const { schedule } = api.db.get('VMSS', self);
      removed.set(api, { vmss: self, schedule });
      api.db.set('VMSS', self, { schedule: new Map([...schedule].filter(([name]) => name !== key)) });
    },
    set_last_run_time: ({ api }, self, value) => {
      assertLicensed(api);
      api.db.set('VMSS', self, { last_run_time: value });
    },
    set_type: ({ api }, self, value) => {
      assertLicensed(api);
      assertPossible(api, value);
      if (value === 'snapshot_with_quiesce')
        for (const vm of api.db.get('VMSS', self).VMs)
          if (!canQuiesce(api.db, api.db.get('VM', vm))) throw new ApiError('VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED', vm);
      api.db.set('VMSS', self, { type: value });
    },
  },
};

function restricted({ db, pool }: Api, feature: string): boolean {
  return db.get('pool', pool).restrictions.get(`restrict_${feature}`) === 'true';
}

function assertLicensed(api: Api): void {
  if (restricted(api, 'vmss')) throw new ApiError('LICENCE_RESTRICTION', 'VMSS');
}

function assertPossible(api: Api, type: EnumValue<'vmss_type'>): void {
  if (type === 'snapshot_with_quiesce' && restricted(api, 'vss')) throw new ApiError('LICENCE_RESTRICTION', 'VSS');
}

function checkRetained(value: number): void {
  if (value < RETAINED.least || value > RETAINED.most) throw new ApiError('INVALID_VALUE', 'retained_snapshots', String(value));
}
