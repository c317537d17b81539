import { ApiError } from '../../model/error.js';
import { NULL_REF } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';

function assertPositive(field: 'fill_rate' | 'burst_size', value: number): void {
  // Whole numbers with their point, as the original writes them.
  if (!(value > 0)) throw new ApiError('INVALID_VALUE', field, Number.isInteger(value) ? `${value}.` : String(value));
}

/** Limits on the rate of calls; see `callers` for how they are kept. */
export const Rate_limit: ClassBehaviour<'Rate_limit'> = {
  create: ({ api: { db } }, given) => {
    assertPositive('fill_rate', given.fill_rate);
    assertPositive('burst_size', given.burst_size);
    return db.create('Rate_limit', given);
  },
  destroy: ({ api: { db } }, self) =>
    db.transaction(() => {
      for (const caller of db.get('Rate_limit', self).callers) db.set('Caller', caller, { rate_limit: NULL_REF });
      db.destroy('Rate_limit', self);
    }),
  messages: {
    add_caller: ({ api: { db } }, self, caller) => {
      db.get('Rate_limit', self);
      db.set('Caller', caller, { rate_limit: self, auto_registered: false });
    },
    remove_caller: ({ api: { db } }, self, caller) => {
      if (db.get('Caller', caller).rate_limit === self) db.set('Caller', caller, { rate_limit: NULL_REF });
    },
    set_burst_size: ({ api: { db } }, self, burst_size) => {
      assertPositive('burst_size', burst_size);
      db.set('Rate_limit', self, { burst_size });
    },
    set_fill_rate: ({ api: { db } }, self, fill_rate) => {
      assertPositive('fill_rate', fill_rate);
      db.set('Rate_limit', self, { fill_rate });
    },
  },
};
