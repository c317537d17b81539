import { ApiError } from '../../model/error.js';
import { NULL_REF } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import { invokeDestroy } from '../invoke.js';

/** Updates of the hosts' software. None is installed through this server; those of a loaded pool can be tidied up. */
export const pool_update: ClassBehaviour<'pool_update'> = {
  messages: {
    pool_clean: async (call, self) => {
      const { db } = call.api;
      const { vdi } = db.get('pool_update', self);
      if (!db.exists('VDI', vdi)) return;
      await invokeDestroy(call, 'VDI', vdi);
      db.set('pool_update', self, { vdi: NULL_REF });
    },
    destroy: ({ api: { db } }, self) => {
      if (db.get('pool_update', self).hosts.length) throw new ApiError('UPDATE_IS_APPLIED');
      db.transaction(() => {
        for (const [patch] of db.filter('pool_patch', (p) => p.pool_update === self)) {
          for (const hostPatch of db.get('pool_patch', patch).host_patches) db.destroy('host_patch', hostPatch);
          db.destroy('pool_patch', patch);
        }
        db.destroy('pool_update', self);
      });
    },
  },
};
