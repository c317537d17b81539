import { ApiError } from '../../../model/error.js';
import type { ClassBehaviour } from '../../behaviour.js';

/** Copies of a pool's database on disks. Nothing is copied to disks, so none of them holds one. */
export const databaseMessages: ClassBehaviour<'VDI'>['messages'] = {
  open_database: ({ api }, self) => {
    const { type } = api.db.get('VDI', self);
    if (type !== 'metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', self, type);
    throw new ApiError('COULD_NOT_IMPORT_DATABASE', 'The VDI holds no database that can be read');
  },
  read_database_pool_uuid: ({ api }, self) => {
    api.db.get('VDI', self);
    return '';
  },
};
