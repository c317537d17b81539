import type { ClassTable } from '../row.js';

/** Fields of `vmss`. */
export const vmss: ClassTable<'VMSS'> = {
  name: 'vmss',
  of: 'VMSS',
  shown: [
    'uuid',
    'name-label',
    'name-description',
    'enabled',
    'type',
    'retained-snapshots',
    'frequency',
    'schedule',
    'last-run-time',
    'VMs',
  ],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'enabled', set: true },
    { name: 'type', set: true },
    { name: 'retained-snapshots', set: true },
    { name: 'frequency', set: true },
    { name: 'schedule', add: true },
    { name: 'last-run-time' },
    { name: 'VMs' },
  ],
};
