import type { ClassTable } from '../row.js';

/** Fields of `feature`. */
export const feature: ClassTable<'Feature'> = {
  name: 'feature',
  of: 'Feature',
  shown: ['uuid', 'name-label', 'name-description', 'enabled', 'experimental', 'version', 'host-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label' },
    { name: 'name-description' },
    { name: 'enabled' },
    { name: 'experimental' },
    { name: 'version' },
    { name: 'host-uuid', from: 'host' },
  ],
};
