import { ApiError } from '../../model/error.js';
import { type ClassBehaviour, markRefusal } from '../behaviour.js';

/** What is left of crashes of hosts. This server makes none; those of a loaded pool are only entries. */
export const host_crashdump: ClassBehaviour<'host_crashdump'> = {
  messages: {
    destroy: ({ api: { db } }, self) => db.destroy('host_crashdump', self),
    upload: markRefusal(({ api: { db } }, self, url) => {
      db.get('host_crashdump', self);
      if (url === '') throw new ApiError('INVALID_VALUE', 'url', '');
      throw new ApiError('NOT_IMPLEMENTED', 'host_crashdump.upload');
    }),
  },
};
