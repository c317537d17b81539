import { ApiError } from '../../model/error.js';
import { type ClassBehaviour, type Handler, refused } from '../behaviour.js';
import { assertNotResident, assertSupported, capacityOf, updateGroupTypes } from '../gpu/capacity.js';

const setEnabledTypes: Handler<'PGPU', 'set_enabled_VGPU_types'> = ({ api: { db } }, self, types) => {
  const { enabled_VGPU_types: before, GPU_group } = db.get('PGPU', self);
  for (const type of types) if (!before.includes(type)) assertSupported(db, self, type);
  for (const type of before) if (!types.includes(type)) assertNotResident(db, self, type);
  db.transaction(() => {
    db.set('PGPU', self, { enabled_VGPU_types: [...new Set(types)] });
    updateGroupTypes(db, GPU_group, 'enabled');
  });
};

const addEnabledType: Handler<'PGPU', 'add_enabled_VGPU_types'> = (call, self, type) =>
  setEnabledTypes(call, self, [...call.api.db.get('PGPU', self).enabled_VGPU_types, type]);

const removeEnabledType: Handler<'PGPU', 'remove_enabled_VGPU_types'> = (call, self, type) =>
  setEnabledTypes(
    call,
    self,
    call.api.db.get('PGPU', self).enabled_VGPU_types.filter((other) => other !== type),
  );

/** A group takes cards of the kind of its first one. */
const setGroup: Handler<'PGPU', 'set_GPU_group'> = ({ api: { db } }, self, group) => {
  const { PCI, GPU_group: before } = db.get('PGPU', self);
  const { GPU_types } = db.get('GPU_group', group);
  assertNotResident(db, self);
  const { vendor_id, device_id } = db.get('PCI', PCI);
  const kind = `${vendor_id}/${device_id}`;
  if (GPU_types.length && !GPU_types.includes(kind))
    throw new ApiError('PGPU_NOT_COMPATIBLE_WITH_GPU_GROUP', kind, `[${GPU_types.join(', ')}]`);
  db.transaction(() => {
    db.set('PGPU', self, { GPU_group: group });
    if (!GPU_types.length) db.set('GPU_group', group, { GPU_types: [kind] });
    updateGroupTypes(db, before, 'both');
    updateGroupTypes(db, group, 'both');
  });
};

/** Graphics cards of hosts. */
export const PGPU: ClassBehaviour<'PGPU'> = {
  messages: {
    add_enabled_VGPU_types: addEnabledType,
    remove_enabled_VGPU_types: removeEnabledType,
    set_enabled_VGPU_types: setEnabledTypes,
    set_GPU_group: setGroup,
    get_remaining_capacity: ({ api: { db } }, self, type) => {
      const capacity = capacityOf(db, self, type);
      return typeof capacity === 'number' ? capacity : 0;
    },
    // Hosts hide no device from their own system, so that there is nothing to give back either.
    enable_dom0_access: ({ api: { db } }, self) => {
      db.get('PGPU', self);
      return 'enabled';
    },
    disable_dom0_access: refused('NOT_IMPLEMENTED', 'PGPU.disable_dom0_access'),
  },
};
