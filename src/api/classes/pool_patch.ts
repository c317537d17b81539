import { type ClassBehaviour, markRefusal } from '../behaviour.js';
import { invoke } from '../invoke.js';

/** Patches in the older form: each stands for an update, which does the work. */
export const pool_patch: ClassBehaviour<'pool_patch'> = {
  messages: {
    precheck: markRefusal(async (call, self, host) => {
      await invoke(call, 'pool_update', 'precheck', call.api.db.get('pool_patch', self).pool_update, host);
      return '';
    }),
    apply: markRefusal(async (call, self, host) => {
      await invoke(call, 'pool_update', 'apply', call.api.db.get('pool_patch', self).pool_update, host);
      return '';
    }),
    pool_apply: markRefusal((call, self) =>
      invoke(call, 'pool_update', 'pool_apply', call.api.db.get('pool_patch', self).pool_update),
    ),
    // Hosts keep no copies of patches.
    clean: ({ api: { db } }, self) => {
      db.get('pool_patch', self);
    },
    clean_on_host: ({ api: { db } }, self, host) => {
      db.get('pool_patch', self);
      db.get('host', host);
    },
    pool_clean: (call, self) => invoke(call, 'pool_update', 'pool_clean', call.api.db.get('pool_patch', self).pool_update),
    destroy: (call, self) => invoke(call, 'pool_update', 'destroy', call.api.db.get('pool_patch', self).pool_update),
  },
};
