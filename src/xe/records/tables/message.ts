import type { ClassTable } from '../row.js';

/** Fields of `message`. */
export const message: ClassTable<'message'> = {
  name: 'message',
  of: 'message',
  rows: [
    { name: 'uuid' },
    { name: 'name' },
    { name: 'priority' },
    { name: 'class', from: 'cls' },
    { name: 'obj-uuid' },
    { name: 'timestamp' },
    { name: 'body' },
  ],
};
