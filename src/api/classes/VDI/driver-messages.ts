import type { Patch } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassBehaviour } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { assertDriverSession } from '../../storage/driver-session.js';

/** Writes what only the driver of the disk's SR may say. */
function say(call: Call, self: Ref<'VDI'>, patch: Patch<'VDI'>): void {
  assertDriverSession(call, call.api.db.get('VDI', self).SR);
  call.api.db.set('VDI', self, patch);
}

/** What only the driver of an SR says of a disk in it. */
export const driverMessages: ClassBehaviour<'VDI'>['messages'] = {
  set_managed: (call, self, managed) => say(call, self, { managed }),
  set_sharable: (call, self, sharable) => say(call, self, { sharable }),
  set_read_only: (call, self, read_only) => say(call, self, { read_only }),
  set_missing: (call, self, missing) => say(call, self, { missing }),
  set_virtual_size: (call, self, virtual_size) => say(call, self, { virtual_size }),
  set_physical_utilisation: (call, self, physical_utilisation) => say(call, self, { physical_utilisation }),
  set_is_a_snapshot: (call, self, is_a_snapshot) => say(call, self, { is_a_snapshot }),
  set_snapshot_of: (call, self, snapshot_of) => say(call, self, { snapshot_of }),
  set_snapshot_time: (call, self, snapshot_time) => say(call, self, { snapshot_time }),
  set_cbt_enabled: (call, self, cbt_enabled) => say(call, self, { cbt_enabled }),
  set_metadata_of_pool: (call, self, metadata_of_pool) => {
    const { SR, type } = call.api.db.get('VDI', self);
    assertDriverSession(call, SR);
    if (type === 'cbt_metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', self, type);
    say(call, self, { metadata_of_pool });
  },
};
