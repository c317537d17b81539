import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, markRefusal } from '../behaviour.js';
import type { Call } from '../call.js';
import { assertUseful } from './Host_driver.js';

/** Variants of drivers. */
export const Driver_variant: ClassBehaviour<'Driver_variant'> = {
  messages: {
    select: markRefusal(({ api: { db } }: Call, self: Ref<'Driver_variant'>): never => {
      assertUseful(db, self);
      throw new ApiError('NOT_IMPLEMENTED', 'Driver_variant.select');
    }),
  },
};
