import { remainingCapacity } from '../readers/calls.js';
import type { ClassTable } from '../row.js';
import { uncheckedNumber } from '../values/parsers.js';

/** Fields of `network`. */
export const network: ClassTable<'network'> = {
  name: 'network',
  of: 'network',
  shown: ['uuid', 'name-label', 'name-description', 'bridge'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'VIF-uuids', from: 'VIFs' },
    { name: 'PIF-uuids', from: 'PIFs' },
    { name: 'MTU', set: uncheckedNumber },
    { name: 'bridge' },
    { name: 'managed' },
    { name: 'other-config', add: true },
    { name: 'blobs', plain: true },
    { name: 'tags', commas: true, add: true },
    { name: 'default-locking-mode', set: true },
    { name: 'purpose', commas: true, add: true },
  ],
};

/** Fields of `network-sriov`. */
export const networkSriov: ClassTable<'network_sriov'> = {
  name: 'network-sriov',
  of: 'network_sriov',
  shown: ['uuid', 'requires-reboot'],
  rows: [
    { name: 'uuid' },
    { name: 'physical-PIF' },
    { name: 'logical-PIF' },
    { name: 'requires-reboot' },
    { name: 'remaining-capacity', read: remainingCapacity, expensive: true },
  ],
};
