import { ApiError } from '../../../model/error.js';
import { isNullRef, NULL_REF, type Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { cloneVdi, destroyVdi, revertVdi } from '../../storage/volumes.js';
import type { CopiedDrive } from './copy-devices.js';
import { copyDisks, dropCopies } from './copy-disks.js';

/** What a VM gets back of the disks and drives of a snapshot. */
export interface RevertedDisks {
  /** Drives that the VM gets anew; those whose disks were put back in place stay. */
  readonly drives: readonly CopiedDrive[];
  /** Drives of the VM that stay. */
  readonly kept: readonly Ref<'VBD'>[];
  /** Saved memory, or null. */
  readonly image: Ref<'VDI'>;
}

/**
 * Puts the content of a snapshot's disks back. Where storage can, the disk itself goes back; else the VM gets a clone of the
 * snapshot and the disk is destroyed, before the clone is made, because there may be no room for both. A disk that the
 * snapshot does not know stays, out of the VM.
 */
export async function revertDisks(call: Call, snapshot: Ref<'VM'>, vm: Ref<'VM'>): Promise<RevertedDisks> {
  const { db } = call.api;
  const { VBDs, suspend_VDI: memory } = db.get('VM', snapshot);
  const disks = VBDs.filter((vbd) => db.get('VBD', vbd).type === 'Disk');
  const others = VBDs.filter((vbd) => !disks.includes(vbd));
  const owned = diskDrives(call, vm);
  const back = await revertInPlace(call, disks, owned);
  const toClone = disks.filter((vbd) => !back.has(db.get('VBD', vbd).VDI));
  for (const vdi of originsOf(call, toClone)) if (owned.has(vdi)) await destroyOwn(call, vdi);
  call.task.progress(0.2);
  const drives = await copyDisks(call, toClone, cloneVdi);
  try {
    for (const [i, { vdi }] of drives.entries()) moveSnapshots(call, toClone[i], vdi);
    const media = await copyDisks(call, others, cloneVdi);
    const image = isNullRef(memory) || !db.exists('VDI', memory) ? NULL_REF : await cloneVdi(call, memory);
    const kept = [...back.values()].flatMap((vdi) => owned.get(vdi) ?? []);
    return { drives: [...drives, ...media], kept, image };
  } catch (thrown) {
    await dropCopies(call, drives);
    throw thrown;
  }
}

/** Disks of a VM with the drives that they are in. */
function diskDrives({ api: { db } }: Call, vm: Ref<'VM'>): Map<string, Ref<'VBD'>> {
  const found = new Map<string, Ref<'VBD'>>();
  for (const ref of db.get('VM', vm).VBDs) {
    const vbd = db.get('VBD', ref);
    if (vbd.type === 'Disk' && !vbd.empty) found.set(vbd.VDI, ref);
  }
  return found;
}

/** Tries to put back the disks that the VM still has. The snapshots for which that worked, with the disk of each. */
async function revertInPlace(
  call: Call,
  vbds: readonly Ref<'VBD'>[],
  owned: ReadonlyMap<string, unknown>,
): Promise<Map<Ref<'VDI'>, Ref<'VDI'>>> {
  const { db } = call.api;
  const back = new Map<Ref<'VDI'>, Ref<'VDI'>>();
  for (const vbd of vbds) {
    const { VDI: snapshot } = db.get('VBD', vbd);
    const { snapshot_of: origin } = db.get('VDI', snapshot);
    if (!owned.has(origin)) continue;
    try {
      await revertVdi(call, snapshot);
      back.set(snapshot, origin);
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || !CANNOT.has(thrown.code)) throw thrown;
    }
  }
  return back;
}

/** Storage that cannot put a disk back says so with one of these. */
const CANNOT: ReadonlySet<string> = new Set(['SR_OPERATION_NOT_SUPPORTED', 'UNIMPLEMENTED_IN_SM_BACKEND']);

function originsOf({ api: { db } }: Call, vbds: readonly Ref<'VBD'>[]): Set<Ref<'VDI'>> {
  return new Set(vbds.map((vbd) => db.get('VDI', db.get('VBD', vbd).VDI).snapshot_of));
}

/** An image file in an ISO SR is not the VM's own to destroy. */
async function destroyOwn(call: Call, vdi: Ref<'VDI'>): Promise<void> {
  const { db } = call.api;
  if (db.get('SR', db.get('VDI', vdi).SR).content_type !== 'iso') await destroyVdi(call, vdi);
}

/** All snapshots of the disk that a clone takes the place of are from now on snapshots of the clone. */
function moveSnapshots({ api: { db } }: Call, vbd: Ref<'VBD'> | undefined, clone: Ref<'VDI'>): void {
  const snapshot = vbd && db.find('VBD', vbd)?.fields.VDI;
  const origin = snapshot && db.find('VDI', snapshot)?.fields.snapshot_of;
  if (origin === undefined || isNullRef(origin)) return;
  db.transaction(() => {
    for (const [ref] of db.filter('VDI', (vdi) => vdi.snapshot_of === origin)) db.set('VDI', ref, { snapshot_of: clone });
  });
}
