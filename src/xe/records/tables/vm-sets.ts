import type { ClassTable } from '../row.js';

/** Fields of `appliance`. */
export const appliance: ClassTable<'VM_appliance'> = {
  name: 'appliance',
  of: 'VM_appliance',
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'VMs' },
    { name: 'allowed-operations' },
    { name: 'current-operations' },
  ],
};

/** Fields of `vm-group`. */
export const vmGroup: ClassTable<'VM_group'> = {
  name: 'vm-group',
  of: 'VM_group',
  shown: ['uuid', 'name-label', 'name-description', 'placement', 'vm-uuids'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'placement' },
    { name: 'vm-uuids', from: 'VMs' },
  ],
};
