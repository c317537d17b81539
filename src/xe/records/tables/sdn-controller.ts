import type { ClassTable } from '../row.js';

/** Fields of `sdn-controller`. */
export const sdnController: ClassTable<'SDN_controller'> = {
  name: 'sdn-controller',
  of: 'SDN_controller',
  shown: ['uuid', 'protocol', 'address', 'port'],
  rows: [{ name: 'uuid' }, { name: 'protocol' }, { name: 'address' }, { name: 'port' }],
};
