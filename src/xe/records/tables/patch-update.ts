import type { ClassTable } from '../row.js';

/** Fields of `patch`. */
export const patch: ClassTable<'pool_patch'> = {
  name: 'patch',
  of: 'pool_patch',
  shown: ['uuid', 'name-label', 'name-description', 'size', 'hosts', 'after-apply-guidance'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label' },
    { name: 'name-description' },
    { name: 'size' },
    { name: 'hosts', from: 'host_patches.host', commas: true },
    { name: 'after-apply-guidance', commas: true },
    { name: 'update', from: 'pool_update' },
  ],
};

/** Fields of `update`. */
export const update: ClassTable<'pool_update'> = {
  name: 'update',
  of: 'pool_update',
  shown: ['uuid', 'name-label', 'name-description', 'version', 'installation-size', 'hosts', 'after-apply-guidance'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label' },
    { name: 'name-description' },
    { name: 'version' },
    { name: 'installation-size' },
    { name: 'hosts', commas: true },
    { name: 'after-apply-guidance', commas: true },
    { name: 'enforce-homogeneity' },
  ],
};
