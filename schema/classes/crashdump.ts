import { defineClass } from '../define.js';

export const crashdump = defineClass({
  name: 'crashdump',
  doc: 'A crash dump of a VM, kept in a VDI.',
  since: 'rio',
  state: 'deprecated',
  deprecatedSince: 'inverness',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    VM: {
      doc: 'Virtual machine whose memory was dumped.',
      type: 'ref VM',
      kind: 'StaticRO',
      since: 'rio',
    },
    VDI: {
      doc: 'Disk that holds the dump.',
      type: 'ref VDI',
      kind: 'StaticRO',
      since: 'rio',
    },
    other_config: {
      doc: 'Free-form keys of the dump.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_OP',
      since: 'miami',
    },
  },
  messages: {
    destroy: {
      doc: 'Deletes the dump with its VDI.',
      params: [{ name: 'self', type: 'ref crashdump' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'rio',
    },
  },
});
