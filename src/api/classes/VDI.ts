import { type ClassBehaviour, refused } from '../behaviour.js';
import { createVdi, destroyVdi } from '../storage/volumes.js';
import { changedBlockMessages } from './VDI/changed-blocks.js';
import { copyMessages } from './VDI/copy.js';
import { databaseMessages } from './VDI/database.js';
import { driverMessages } from './VDI/driver-messages.js';
import { introduction } from './VDI/introduce.js';
import { lifeMessages } from './VDI/life.js';
import { poolMigrate } from './VDI/pool-migrate.js';
import { settings } from './VDI/settings.js';

/** Disk images. */
export const VDI: ClassBehaviour<'VDI'> = {
  create: (call, given) =>
    createVdi(call, {
      sr: given.SR,
      virtualSize: given.virtual_size,
      name: given.name_label,
      description: given.name_description,
      type: given.type,
      sharable: given.sharable,
      readOnly: given.read_only,
      otherConfig: given.other_config,
      xenstoreData: given.xenstore_data,
      smConfig: given.sm_config,
      tags: given.tags,
    }),
  destroy: destroyVdi,
  messages: {
    force_unlock: refused('MESSAGE_DEPRECATED'),
    pool_migrate: poolMigrate,
    ...lifeMessages,
    ...copyMessages,
    ...introduction,
    ...settings,
    ...driverMessages,
    ...databaseMessages,
    ...changedBlockMessages,
  },
};
