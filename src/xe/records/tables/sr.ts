import { srHost } from '../readers/fields.js';
import type { ClassTable } from '../row.js';

/** Fields of `sr`. */
export const sr: ClassTable<'SR'> = {
  name: 'sr',
  of: 'SR',
  shown: ['uuid', 'name-label', 'name-description', 'host', 'type', 'content-type'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'host', read: srHost },
    { name: 'allowed-operations' },
    { name: 'current-operations' },
    { name: 'VDIs' },
    { name: 'PBDs' },
    { name: 'virtual-allocation' },
    { name: 'physical-utilisation' },
    { name: 'physical-size' },
    { name: 'type' },
    { name: 'content-type' },
    { name: 'shared', set: true },
    { name: 'introduced-by' },
    { name: 'is-tools-sr' },
    { name: 'other-config', add: true },
    { name: 'sm-config' },
    { name: 'blobs', plain: true },
    { name: 'local-cache-enabled' },
    { name: 'tags', commas: true, add: true },
    { name: 'clustered' },
  ],
};
