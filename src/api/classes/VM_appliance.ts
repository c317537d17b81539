import { ApiError } from '../../model/error.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { EnumValue } from '../../model/types.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { invoke, invokeAsTask } from '../invoke.js';
import { target } from '../operations/operations.js';
import { byOrder } from '../ordered-vms.js';

/** What an operation of an appliance does to each of its VMs. */
interface Plan {
  readonly operation: EnumValue<'vm_appliance_operation'>;
  readonly change: (call: Call, vm: Ref<'VM'>) => Promise<void>;
  /** Where the VMs are to be afterwards. */
  readonly goal: EnumValue<'vm_power_state'>;
}

/** Groups of VMs that are started, stopped and recovered together. */
export const VM_appliance: ClassBehaviour<'VM_appliance'> = {
  // Its VMs stay: one that still names it could not become a template.
  destroy: ({ api: { db } }, self) =>
    db.transaction(() => {
      for (const vm of db.get('VM_appliance', self).VMs) db.set('VM', vm, { appliance: NULL_REF });
      db.destroy('VM_appliance', self);
    }),
  messages: {
    start: (call, self, paused) =>
      carryOut(call, self, {
        operation: 'start',
        change: (part, vm) => invokeAsTask(part, 'VM', 'start', vm, paused, false),
        goal: paused ? 'Paused' : 'Running',
      }),
    clean_shutdown: (call, self) => shutDown(call, self, 'clean_shutdown'),
    hard_shutdown: (call, self) => shutDown(call, self, 'hard_shutdown'),
    shutdown: (call, self) => shutDown(call, self, 'shutdown'),
    assert_can_be_recovered: async (call, self, sessionTo) => {
      for (const vm of call.api.db.get('VM_appliance', self).VMs)
        await invoke(call, 'VM', 'assert_can_be_recovered', vm, sessionTo);
    },
    get_SRs_required_for_recovery: async (call, self, sessionTo) => {
      const srs = new Set<Ref<'SR'>>();
      for (const vm of call.api.db.get('VM_appliance', self).VMs)
        for (const sr of await invoke(call, 'VM', 'get_SRs_required_for_recovery', vm, sessionTo)) srs.add(sr);
      return [...srs];
    },
  },
};

function shutDown(
  call: Call,
  self: Ref<'VM_appliance'>,
  operation: 'clean_shutdown' | 'hard_shutdown' | 'shutdown',
): Promise<void> {
  return carryOut(call, self, { operation, change: (part, vm) => invokeAsTask(part, 'VM', operation, vm), goal: 'Halted' });
}

/**
 * Changes all VMs of an appliance that are not where they are to be, one start order after the other: upwards to start,
 * downwards to stop. Rejects with OPERATION_PARTIALLY_FAILED and the VMs that did not get there.
 */
async function carryOut(call: Call, self: Ref<'VM_appliance'>, { operation, change, goal }: Plan): Promise<void> {
  const { api, task } = call;
  const { db } = api;
  await api.operations.run(task, [target('VM_appliance', self, operation)], async () => {
    const there = (vm: Ref<'VM'>) => db.find('VM', vm)?.fields.power_state === goal;
    const wanted = db.get('VM_appliance', self).VMs.filter((vm) => !there(vm));
    const groups = byOrder(db, wanted);
    if (operation !== 'start') groups.reverse();
    let done = 0;
    task.cancellable(true);
    for (const group of groups) {
      task.check();
      await Promise.all(
        group.map(async (vm) => {
          try {
            await change(call, vm);
          } catch (thrown) {
            // The others go on; what became of this one shows in its state.
            api.log.info({ err: thrown, vm, operation }, 'a VM of an appliance did not follow');
          }
          task.progress(++done / wanted.length);
        }),
      );
    }
    task.check();
    const failed = wanted.filter((vm) => !there(vm));
    if (failed.length) throw new ApiError('OPERATION_PARTIALLY_FAILED', `VM_appliance.${operation}`, ...failed);
  });
}
