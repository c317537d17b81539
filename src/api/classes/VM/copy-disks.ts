import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import type { CopiedDrive } from './copy-devices.js';
import type { Work } from './lifecycle/placed.js';
import { discard } from './lifecycle/stopping.js';
import { partOfTask } from './task-part.js';

/** How one disk is copied. */
export type DiskCopier = (call: Call, vdi: Ref<'VDI'>) => Promise<Ref<'VDI'>>;

/**
 * Copies the disks in some drives, one after the other; media in CD drives are not copied but used by both. The task's
 * progress follows their sizes. When one fails or the task is cancelled, the copies made so far are destroyed.
 */
export async function copyDisks(call: Call, vbds: readonly Ref<'VBD'>[], copier: DiskCopier): Promise<CopiedDrive[]> {
  const { db } = call.api;
  const drives = vbds.map((ref) => db.get('VBD', ref));
  const sizes = drives.map((vbd) => (vbd.type === 'CD' || vbd.empty ? 0 : (db.find('VDI', vbd.VDI)?.fields.virtual_size ?? 0)));
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  const copied: CopiedDrive[] = [];
  let done = 0;
  try {
    for (const [i, vbd] of drives.entries()) {
      call.task.check();
      const size = sizes[i] ?? 0;
      if (vbd.empty) copied.push({ vbd, vdi: NULL_REF, own: false });
      else if (vbd.type === 'CD') copied.push({ vbd, vdi: vbd.VDI, own: false });
      else {
        const vdi = await copier(partOfTask(call, done / total, (done + size) / total), vbd.VDI);
        copied.push({ vbd, vdi, own: true });
      }
      done += size;
    }
    return copied;
  } catch (thrown) {
    await dropCopies(call, copied);
    throw thrown;
  }
}

/** Destroys copies whose VM did not come to be. */
export async function dropCopies(work: Work, copied: readonly CopiedDrive[]): Promise<void> {
  for (const { vdi, own } of copied) if (own) await discard(work, vdi);
}
