import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { EnumValue, Fields } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { type CopiedDrive, copyDrive, copyOtherDevices } from './copy-devices.js';
import { copyDisks, type DiskCopier, dropCopies } from './copy-disks.js';
import { type CopyKind, type CopyPlan, copyRecord } from './copy-record.js';
import { discard } from './lifecycle/stopping.js';

/** A copy to be made of a VM that keeps still, or of a running one's disks alone. */
export interface Duplication {
  readonly kind: CopyKind;
  readonly name: string;
  readonly copier: DiskCopier;
  /** Drives with these disks are left out. */
  readonly ignored?: readonly string[];
  readonly scheduled?: boolean;
  /** Keeps the disks of a running VM as they are while they are copied, so that the copies are of one moment. */
  readonly hold?: (work: () => Promise<void>) => Promise<void>;
}

/** Copies a VM with its disks. The copy shows up with everything that it has; when anything fails, nothing of it stays. */
export async function duplicate(call: Call, self: Ref<'VM'>, wanted: Duplication): Promise<Ref<'VM'>> {
  const { db } = call.api;
  const vm = db.get('VM', self);
  const vbds = vm.VBDs.filter((vbd) => !wanted.ignored?.includes(db.get('VBD', vbd).VDI));
  const powerState = stateOfCopy(vm, wanted.kind);
  let drives: CopiedDrive[] = [];
  const copy = async (): Promise<void> => {
    drives = await copyDisks(call, vbds, wanted.copier);
  };
  await (wanted.hold ? wanted.hold(copy) : copy());
  let image: Ref<'VDI'> = NULL_REF;
  try {
    if (powerState === 'Suspended' && db.exists('VDI', vm.suspend_VDI)) image = await wanted.copier(call, vm.suspend_VDI);
    return writeCopy(call, self, drives, { ...wanted, powerState, image });
  } catch (thrown) {
    await discard(call, image);
    await dropCopies(call, drives);
    throw thrown;
  }
}

/** Writes the records of a copy whose disks are there. */
export function writeCopy({ api }: Call, self: Ref<'VM'>, drives: readonly CopiedDrive[], plan: CopyPlan): Ref<'VM'> {
  const { db } = api;
  return db.transaction(() => {
    const copy = copyRecord(db, self, plan);
    const attached = plan.powerState === 'Suspended';
    for (const drive of drives) copyDrive(db, copy, drive, attached, true);
    const keepAddresses = plan.kind === 'snapshot' || plan.kind === 'checkpoint';
    copyOtherDevices(db, db.get('VM', self), copy, { keepAddresses, attached });
    return copy;
  });
}

/** Saved memory is copied along, but not out of a snapshot: a copy of that is a new machine, which boots. */
function stateOfCopy(vm: Fields<'VM'>, kind: CopyKind): EnumValue<'vm_power_state'> {
  return vm.power_state === 'Suspended' && kind !== 'snapshot' && !vm.is_a_snapshot ? 'Suspended' : 'Halted';
}
