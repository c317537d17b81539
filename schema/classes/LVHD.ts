import { defineClass } from '../define.js';

export const LVHD = defineClass({
  name: 'LVHD',
  doc: 'Calls special to LVM storage with VHD images.',
  since: 'dundee',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  lookups: ['uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
  },
  messages: {
    enable_thin_provisioning: {
      doc: 'Turns an LVM SR to thin provisioning, with first and later allocations in bytes.',
      params: [
        { name: 'host', type: 'ref host' },
        { name: 'SR', type: 'ref SR' },
        { name: 'initial_allocation', type: 'int' },
        { name: 'allocation_quantum', type: 'int' },
      ],
      result: 'string',
      roles: 'POOL_ADMIN',
      async: true,
      extension: 'LVHD.enable_thin_provisioning',
      since: 'dundee',
    },
  },
});
