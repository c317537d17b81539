import type { ClassTable } from '../row.js';

/** Fields of `secret`. */
export const secret: ClassTable<'secret'> = {
  name: 'secret',
  of: 'secret',
  rows: [{ name: 'uuid' }, { name: 'value', set: true }],
};
