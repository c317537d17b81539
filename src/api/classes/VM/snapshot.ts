import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { driverFeatures } from '../../storage/driver-features.js';
import { snapshotVdi, volumeAddress } from '../../storage/volumes.js';
import type { CopiedDrive } from './copy-devices.js';
import { copyDisks, dropCopies } from './copy-disks.js';
import { duplicate, writeCopy } from './duplicate.js';
import { tellOf } from './lifecycle/alerts.js';
import { runningSpec } from './lifecycle/domain-spec.js';
import { discard } from './lifecycle/stopping.js';
import { createImage } from './lifecycle/suspending.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';
import { revertVm } from './revert.js';

/** States of a VM that can be gone back to. */
export const snapshots: VmMessages = {
  snapshot: (call, vm, name, ignored) => snapshotVm(call, vm, name, { ignored }),
  snapshot_with_quiesce: (call, vm, name) => snapshotVm(call, vm, name, { quiesce: true }),
  checkpoint: async (call, vm, name) => {
    const copy = await withOperation(call, vm, 'checkpoint', (fields) =>
      fields.power_state === 'Running'
        ? checkpointRunning(call, vm, name)
        : duplicate(call, vm, { kind: 'checkpoint', name, copier: snapshotVdi }),
    );
    tellOf(call.api, 'VM_CHECKPOINTED', vm, `checkpointed, snapshot name: ${name}`);
    return copy;
  },
  revert: revertVm,
  update_snapshot_metadata: ({ api }, vm, origin, time, transportableId) =>
    api.db.set('VM', vm, {
      is_a_snapshot: true,
      snapshot_of: origin,
      snapshot_time: time,
      transportable_snapshot_id: transportableId,
    }),
};

/**
 * Takes a snapshot of the disks and settings of a VM, whatever its state. `scheduled` marks those of a schedule; with
 * `quiesce` the guest writes its file systems out and freezes them meanwhile.
 */
export async function snapshotVm(
  call: Call,
  vm: Ref<'VM'>,
  name: string,
  {
    quiesce = false,
    ...options
  }: { readonly ignored?: readonly string[]; readonly scheduled?: boolean; readonly quiesce?: boolean } = {},
): Promise<Ref<'VM'>> {
  call.task.cancellable(true);
  const copy = await withOperation(
    call,
    vm,
    quiesce ? 'snapshot_with_quiesce' : 'snapshot',
    ({ power_state, resident_on, uuid }) => {
      const lives = power_state === 'Running' || power_state === 'Paused';
      const hold = (work: () => Promise<void>) => call.api.hosts.get(resident_on).compute.hold(uuid, quiesce, work);
      return duplicate(call, vm, { kind: 'snapshot', name, copier: snapshotVdi, ...options, ...(lives && { hold }) });
    },
  );
  tellOf(call.api, 'VM_SNAPSHOTTED', vm, `snapshotted, snapshot name: ${name}`);
  return copy;
}

/** Saves memory and disks as of one moment; the VM goes on afterwards. */
async function checkpointRunning(call: Call, self: Ref<'VM'>, name: string): Promise<Ref<'VM'>> {
  const { api, task } = call;
  const vm = api.db.get('VM', self);
  assertDisksCanBeSnapshots(call, self, vm);
  const { compute } = api.hosts.get(vm.resident_on);
  const image = await createImage(call, self, vm.resident_on, compute.memoryImageSize(runningSpec(api, self)));
  let drives: CopiedDrive[] = [];
  try {
    const freeze = async () => {
      drives = await copyDisks(call, vm.VBDs, snapshotVdi);
    };
    await compute.saveMemory(vm.uuid, volumeAddress(api, image), freeze, task);
    return writeCopy(call, self, drives, { kind: 'checkpoint', name, powerState: 'Suspended', image });
  } catch (thrown) {
    await dropCopies(call, drives);
    await discard(call, image);
    throw thrown;
  }
}

/** Throws SR_OPERATION_NOT_SUPPORTED before the guest is stopped in vain. */
function assertDisksCanBeSnapshots({ api: { db } }: Call, self: Ref<'VM'>, vm: Fields<'VM'>): void {
  for (const ref of vm.VBDs) {
    const vbd = db.get('VBD', ref);
    if (vbd.type === 'CD' || vbd.empty) continue;
    const { type } = db.get('SR', db.get('VDI', vbd.VDI).SR);
    if (!driverFeatures(db, type).has('VDI_SNAPSHOT')) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', self);
  }
}
