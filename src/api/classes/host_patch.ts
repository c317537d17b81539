import { type ClassBehaviour, refused } from '../behaviour.js';

/** Patches in the oldest form, on one host. */
export const host_patch: ClassBehaviour<'host_patch'> = {
  messages: {
    destroy: ({ api: { db } }, self) => db.destroy('host_patch', self),
    apply: refused('MESSAGE_DEPRECATED'),
  },
};
