import type { ClassTable } from '../row.js';

/** Fields of `console`. */
export const console: ClassTable<'console'> = {
  name: 'console',
  of: 'console',
  shown: ['uuid', 'vm-uuid', 'vm-name-label', 'protocol', 'location'],
  rows: [
    { name: 'uuid' },
    { name: 'vm-uuid', from: 'VM' },
    { name: 'vm-name-label', from: 'VM.name_label' },
    { name: 'protocol' },
    { name: 'location' },
    { name: 'other-config', add: true },
  ],
};
