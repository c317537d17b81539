import { vtpmSecret } from '../readers/calls.js';
import type { ClassTable } from '../row.js';

/** Fields of `vtpm`. */
export const vtpm: ClassTable<'VTPM'> = {
  name: 'vtpm',
  of: 'VTPM',
  shown: ['uuid', 'vm-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'vm-uuid', from: 'VM' },
    { name: 'vm-name-label', from: 'VM.name_label' },
    { name: 'secret', read: vtpmSecret },
    { name: 'is_unique' },
    { name: 'is_protected' },
    { name: 'allowed-operations' },
  ],
};
