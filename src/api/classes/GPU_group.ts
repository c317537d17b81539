import { ApiError } from '../../model/error.js';
import type { ClassBehaviour, Handler } from '../behaviour.js';
import { capacityOf, updateGroupTypes } from '../gpu/capacity.js';

const destroy: Handler<'GPU_group', 'destroy'> = ({ api: { db } }, self) => {
  const { VGPUs, PGPUs } = db.get('GPU_group', self);
  const attached = VGPUs.filter((vgpu) => db.get('VGPU', vgpu).currently_attached);
  if (attached.length) throw new ApiError('GPU_GROUP_CONTAINS_VGPU', ...attached);
  if (PGPUs.length) throw new ApiError('GPU_GROUP_CONTAINS_PGPU', ...PGPUs);
  db.transaction(() => {
    for (const vgpu of VGPUs) db.destroy('VGPU', vgpu);
    db.destroy('GPU_group', self);
  });
};

/** Graphics cards of one kind across the pool. */
export const GPU_group: ClassBehaviour<'GPU_group'> = {
  messages: {
    create: ({ api: { db } }, name_label, name_description, other_config) =>
      db.create('GPU_group', { name_label, name_description, other_config }),
    destroy,
    update_enabled_VGPU_types: ({ api: { db } }, self) => {
      db.get('GPU_group', self);
      updateGroupTypes(db, self, 'enabled');
    },
    update_supported_VGPU_types: ({ api: { db } }, self) => {
      db.get('GPU_group', self);
      updateGroupTypes(db, self, 'supported');
    },
    get_remaining_capacity: ({ api: { db } }, self, type) => {
      const capacities = db.get('GPU_group', self).PGPUs.map((card) => capacityOf(db, card, type));
      return capacities.reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : 0), 0);
    },
  },
};
