import type { ClassBehaviour } from '../behaviour.js';
import { destroyVdi } from '../storage/volumes.js';

/** Memory of a crashed VM, kept on a disk. */
export const crashdump: ClassBehaviour<'crashdump'> = {
  messages: {
    destroy: async (call, self) => {
      const { db, log } = call.api;
      const { VDI } = db.get('crashdump', self);
      try {
        if (db.exists('VDI', VDI)) await destroyVdi(call, VDI);
      } catch (thrown) {
        // The record goes all the same, as with the original: what is left can be destroyed as a disk.
        log.warn({ err: thrown, vdi: VDI }, 'the disk of a crash dump could not be destroyed');
      }
      if (db.exists('crashdump', self)) db.destroy('crashdump', self);
    },
  },
};
