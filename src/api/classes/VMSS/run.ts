import { toDateTime } from '../../../model/datetime.js';
import { ApiError, toApiError } from '../../../model/error.js';
import { isNullRef, type Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Api } from '../../api.js';
import type { Call } from '../../call.js';
import { invoke } from '../../invoke.js';
import { destroyVdi } from '../../storage/volumes.js';
import { destroyVm } from '../VM/destroy.js';
import { snapshotVm } from '../VM/snapshot.js';
import { partOfTask } from '../VM/task-part.js';

/** Schedules whose snapshots are being taken. */
const running = new WeakMap<Api, Set<string>>();

/**
 * Takes the snapshots of a schedule, one VM after the other, and deletes those that are too many afterwards. People are
 * told how it went. Resolves with the reasons why VMs have no snapshot; nothing is thrown for a single VM.
 */
export async function takeSnapshots(call: Call, vmss: Ref<'VMSS'>): Promise<ReadonlyMap<Ref<'VM'>, ApiError>> {
  const { api } = call;
  const plan = api.db.get('VMSS', vmss);
  const busy = running.get(api) ?? new Set();
  running.set(api, busy);
  const tell = (name: 'VMSS_SNAPSHOT_SUCCEEDED' | 'VMSS_SNAPSHOT_FAILED' | 'VMSS_SNAPSHOT_LOCK_FAILED', body: string) =>
    api.alerts.send(name, 'VMSS', plan.uuid, body);
  if (busy.has(vmss)) {
    const body = `Snapshots of the schedule '${plan.name_label}' are still being taken`;
    tell('VMSS_SNAPSHOT_LOCK_FAILED', body);
    throw new ApiError('OPERATION_NOT_ALLOWED', body);
  }
  busy.add(vmss);
  try {
    const failures = await eachVm(call, vmss, plan);
    const failed = [...failures].map(([vm, reason]) => `${nameOf(api, vm)}: ${reason.description.join(' ')}`);
    if (failed.length) tell('VMSS_SNAPSHOT_FAILED', `Schedule '${plan.name_label}': ${failed.join('; ')}`);
    else if (plan.VMs.length) tell('VMSS_SNAPSHOT_SUCCEEDED', `Schedule '${plan.name_label}': snapshots of all VMs were taken`);
    return failures;
  } finally {
    busy.delete(vmss);
  }
}

async function eachVm(call: Call, vmss: Ref<'VMSS'>, { VMs }: Fields<'VMSS'>): Promise<Map<Ref<'VM'>, ApiError>> {
  const { db } = call.api;
  const failures = new Map<Ref<'VM'>, ApiError>();
  for (const [i, vm] of VMs.entries()) {
    call.task.check();
    try {
      await takeOne(partOfTask(call, i / VMs.length, (i + 1) / VMs.length), vm, db.get('VMSS', vmss));
      await deleteOldest(call, vm, db.get('VMSS', vmss).retained_snapshots);
    } catch (thrown) {
      call.task.check();
      failures.set(vm, toApiError(thrown));
    }
  }
  return failures;
}

async function takeOne(call: Call, vm: Ref<'VM'>, { type, name_label: schedule }: Fields<'VMSS'>): Promise<void> {
  const { db } = call.api;
  const { name_label: name, power_state: power } = db.get('VM', vm);
  const label = `${name} ${schedule} ${toDateTime()}`;
  // A VM that is off has no memory to save, and no file systems to be frozen.
  if (type !== 'checkpoint' || power === 'Halted') {
    await snapshotVm(call, vm, label, { scheduled: true, quiesce: type === 'snapshot_with_quiesce' && power !== 'Halted' });
    return;
  }
  const copy = await invoke(call, 'VM', 'checkpoint', vm, label);
  db.set('VM', copy, { is_vmss_snapshot: true });
}

/** Deletes the oldest snapshots that schedules took of a VM, with their disks, beyond the number that is kept. */
async function deleteOldest(call: Call, vm: Ref<'VM'>, kept: number): Promise<void> {
  const { db } = call.api;
  const taken = db
    .get('VM', vm)
    .snapshots.map((ref) => ({ ref, fields: db.get('VM', ref) }))
    .filter(({ fields }) => fields.is_vmss_snapshot)
    .sort((a, b) => b.fields.snapshot_time.localeCompare(a.fields.snapshot_time));
  for (const { ref, fields } of taken.slice(kept)) {
    const vdis = fields.VBDs.flatMap((vbd) => {
      const { type, empty, VDI } = db.get('VBD', vbd);
      return type === 'CD' || empty ? [] : [VDI];
    });
    await destroyVm(call, ref);
    for (const vdi of [...vdis, fields.suspend_VDI]) if (!isNullRef(vdi) && db.exists('VDI', vdi)) await destroyVdi(call, vdi);
  }
}

function nameOf({ db }: Api, vm: Ref<'VM'>): string {
  return db.find('VM', vm)?.fields.name_label ?? vm;
}
