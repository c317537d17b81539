import { ApiError } from '../../../model/error.js';
import type { ClassBehaviour } from '../../behaviour.js';
import { driverFeatures } from '../../storage/driver-features.js';
import { destroyVdi } from '../../storage/volumes.js';
import { assertEverywhere } from './fitness.js';

/** Copies of the pool's database on an SR. */
export const replication: ClassBehaviour<'SR'>['messages'] = {
  assert_supports_database_replication: ({ api: { db } }, self) => {
    assertEverywhere(db, self);
    if (!driverFeatures(db, db.get('SR', self).type).has('SR_METADATA')) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', self);
  },
  disable_database_replication: async (call, self) => {
    const { db, pool } = call.api;
    for (const vdi of db.get('SR', self).VDIs) {
      const { type, metadata_of_pool } = db.get('VDI', vdi);
      if (type === 'metadata' && metadata_of_pool === pool) await destroyVdi(call, vdi);
    }
  },
};
