import type { ClassTable } from '../row.js';

/** Fields of `drtask`. */
export const drtask: ClassTable<'DR_task'> = {
  name: 'drtask',
  of: 'DR_task',
  rows: [{ name: 'uuid' }, { name: 'introduced-SRs', plain: true }],
};
