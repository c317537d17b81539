import { ApiError } from '../../model/error.js';
import type { ClassBehaviour } from '../behaviour.js';

/** Passwords that other objects refer to by uuid. */
export const secret: ClassBehaviour<'secret'> = {
  messages: {
    introduce: ({ api }, uuid, value, otherConfig) => {
      if (api.db.table('secret').refsByUuid.has(uuid)) throw new ApiError('UUID_INVALID', 'secret', uuid);
      return api.db.create('secret', { uuid, value, other_config: otherConfig });
    },
  },
};
