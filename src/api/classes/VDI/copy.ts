import type { ClassBehaviour } from '../../behaviour.js';
import { cloneVdi, copyVdiInto, revertVdi, snapshotVdi } from '../../storage/volumes.js';

/** Disks made from others. Drivers get no parameters of their own: none of them takes any. */
export const copyMessages: ClassBehaviour<'VDI'>['messages'] = {
  snapshot: (call, vdi) => snapshotVdi(call, vdi),
  clone: (call, vdi) => cloneVdi(call, vdi),
  revert: (call, snapshot) => revertVdi(call, snapshot),
  copy: (call, vdi, sr, base, into) => copyVdiInto(call, vdi, sr, { base, into }),
};
