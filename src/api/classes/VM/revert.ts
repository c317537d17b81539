import type { Database, Patch } from '../../../db/database.js';
import { ApiError, toApiError } from '../../../model/error.js';
import { isNullRef, NULL_REF, type Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { removeVifRecord } from '../../network/vif-record.js';
import { target } from '../../operations/operations.js';
import { removeVbdRecord } from '../../storage/vbd-record.js';
import { storageForSr } from '../../storage/volumes.js';
import { removeVtpm } from '../../vtpms.js';
import { markHalted } from '../../world/domain-records.js';
import { copyDrive, copyOtherDevices } from './copy-devices.js';
import { copyGuestMetrics, copyMetrics } from './copy-record.js';
import { createVm } from './create.js';
import { freshGenerationId } from './generation-id.js';
import { tellOf } from './lifecycle/alerts.js';
import { turnOff } from './lifecycle/stopping.js';
import { type RevertedDisks, revertDisks } from './revert-disks.js';
import { readSettings, settingsText } from './settings-text.js';

/** What of storage comes through as it is: for people to make room and try again. Everything else is VM_REVERT_FAILED. */
const TOLD: ReadonlySet<string> = new Set(['SR_BACKEND_FAILURE_44', 'SR_BACKEND_FAILURE_109', 'VDI_INCOMPATIBLE_TYPE']);

/** Takes a VM back to one of its snapshots; a VM that is gone is made again. What runs is turned off first. */
export async function revertVm(call: Call, snapshot: Ref<'VM'>): Promise<void> {
  const { api, task } = call;
  const { db } = api;
  const { snapshot_of: origin } = db.get('VM', snapshot);
  const vm = db.exists('VM', origin) ? origin : makeAgain(call, snapshot, origin);
  await api.operations.run(task, [target('VM', snapshot, 'revert'), target('VM', vm, 'reverting')], async () => {
    const { power_state: state, suspend_VDI: memory } = db.get('VM', snapshot);
    if (state === 'Suspended' && db.exists('VDI', memory)) storageForSr(api, db.get('VDI', memory).SR);
    await turnOff(call, vm);
    task.cancellable(false);
    try {
      revertSettings(db, snapshot, vm);
      task.progress(0.1);
      const disks = await revertDisks(call, snapshot, vm);
      task.progress(0.7);
      revertDevices(db, snapshot, vm, disks);
    } catch (thrown) {
      markHalted(api, vm);
      if (thrown instanceof ApiError && TOLD.has(thrown.code)) throw thrown;
      api.log.error({ err: thrown, snapshot, vm }, 'a revert failed');
      throw new ApiError('VM_REVERT_FAILED', snapshot, vm);
    }
  });
  const { name_label: name, uuid } = db.get('VM', snapshot);
  tellOf(api, 'VM_SNAPSHOT_REVERTED', vm, `reverted to snapshot: ${name} (uuid ${uuid})`);
}

/** Settings of the VM as they were; from the snapshot's own where an old snapshot has no text. */
function revertSettings(db: Database, snapshot: Ref<'VM'>, vm: Ref<'VM'>): void {
  const fields = db.get('VM', snapshot);
  db.set('VM', vm, settingsToRevert(db, oldSettings(fields)));
}

/** What an old snapshot without a text says of itself, and not of its VM. */
const OF_SNAPSHOT = [
  'name_label',
  'is_a_snapshot',
  'is_a_template',
  'is_default_template',
  'snapshot_of',
  'snapshot_time',
  'transportable_snapshot_id',
] as const;

function oldSettings(snapshot: Fields<'VM'>): Patch<'VM'> {
  const settings = readSettings(snapshot.snapshot_metadata);
  if (settings) return settings.fields;
  const own: Record<string, unknown> = { ...readSettings(settingsText(snapshot))?.fields };
  for (const name of OF_SNAPSHOT) delete own[name];
  return own as Patch<'VM'>;
}

/** What the settings point to may be gone; a VM under protection is not so before it runs again. */
function settingsToRevert(db: Database, settings: Patch<'VM'>): Patch<'VM'> {
  const { appliance = NULL_REF, suspend_SR: sr = NULL_REF, domain_type: type, HVM_boot_policy: policy } = settings;
  return {
    ...settings,
    ha_always_run: false,
    ...(!db.exists('VM_appliance', appliance) && { appliance: NULL_REF }),
    ...(!db.exists('SR', sr) && { suspend_SR: NULL_REF }),
    ...((type === undefined || type === 'unspecified') && { domain_type: policy ? 'hvm' : 'pv' }),
  };
}

/** Devices, measurements and state of the VM as they were. */
function revertDevices(db: Database, snapshot: Ref<'VM'>, vm: Ref<'VM'>, disks: RevertedDisks): void {
  db.transaction(() => {
    const from = db.get('VM', snapshot);
    const to = db.get('VM', vm);
    const attached = from.power_state === 'Suspended';
    for (const vbd of to.VBDs) if (!disks.kept.includes(vbd)) removeVbdRecord(db, vbd);
    for (const vbd of disks.kept) db.set('VBD', vbd, { currently_attached: attached });
    for (const drive of disks.drives) copyDrive(db, vm, drive, attached, false);
    for (const vif of to.VIFs) removeVifRecord(db, vif);
    for (const vusb of to.VUSBs) if (db.exists('VUSB', vusb)) db.destroy('VUSB', vusb);
    for (const vgpu of to.VGPUs) if (db.exists('VGPU', vgpu)) db.destroy('VGPU', vgpu);
    for (const vtpm of to.VTPMs) removeVtpm(db, vtpm);
    copyOtherDevices(db, from, vm, { keepAddresses: true, attached });
    if (db.exists('VM_guest_metrics', to.guest_metrics)) db.destroy('VM_guest_metrics', to.guest_metrics);
    if (db.exists('VM_metrics', to.metrics)) db.destroy('VM_metrics', to.metrics);
    db.set('VM', vm, {
      metrics: copyMetrics(db, from),
      guest_metrics: copyGuestMetrics(db, from),
      parent: snapshot,
      power_state: from.power_state,
      suspend_VDI: disks.image,
      generation_id: freshGenerationId(db.get('VM', vm).generation_id),
    });
  });
}

/** Makes a VM that was deleted again, under its old uuid, for its snapshots to belong to. Throws VM_REVERT_FAILED. */
function makeAgain(call: Call, snapshot: Ref<'VM'>, origin: Ref<'VM'>): Ref<'VM'> {
  const { db } = call.api;
  const fields = db.get('VM', snapshot);
  const settings = fields.snapshot_metadata === '' ? undefined : readSettings(fields.snapshot_metadata);
  const uuid = settings?.uuid;
  if (!settings || !uuid || db.table('VM').refsByUuid.has(uuid))
    throw new ApiError('VM_REVERT_FAILED', snapshot, refText(origin));
  try {
    return db.transaction(() => {
      const vm = createVm(call, { ...fields, suspend_VDI: NULL_REF, power_state: 'Halted' }, uuid);
      db.set('VM', vm, settingsToRevert(db, settings.fields));
      for (const [ref] of db.filter('VM', (other) => other.is_a_snapshot && other.snapshot_of === origin))
        db.set('VM', ref, { snapshot_of: vm });
      return vm;
    });
  } catch (thrown) {
    call.api.log.error({ err: toApiError(thrown), snapshot }, 'a deleted VM could not be made again');
    throw new ApiError('VM_REVERT_FAILED', snapshot, refText(origin));
  }
}

function refText(ref: string): string {
  return isNullRef(ref) ? NULL_REF : ref;
}
