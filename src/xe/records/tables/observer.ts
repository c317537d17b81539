import type { ClassTable } from '../row.js';

/** Fields of `observer`. */
export const observer: ClassTable<'Observer'> = {
  name: 'observer',
  of: 'Observer',
  shown: ['uuid', 'host-uuids', 'name-label', 'name-description', 'endpoints', 'enabled'],
  rows: [
    { name: 'uuid' },
    { name: 'host-uuids', from: 'hosts', set: true, add: 'whole' },
    { name: 'name-label' },
    { name: 'name-description' },
    { name: 'attributes', setMap: true, add: 'whole', clear: true },
    { name: 'endpoints', set: true, add: 'whole' },
    { name: 'components', set: true, add: 'whole' },
    { name: 'enabled', set: true },
  ],
};
