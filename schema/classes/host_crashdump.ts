import { defineClass } from '../define.js';

export const host_crashdump = defineClass({
  name: 'host_crashdump',
  doc: 'A crash dump a host left after the hypervisor or its kernel died.',
  since: 'rio',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    host: {
      doc: 'Host that crashed and holds the dump.',
      type: 'ref host',
      kind: 'StaticRO',
      since: 'rio',
    },
    timestamp: {
      doc: 'When the crash of the host happened.',
      type: 'datetime',
      kind: 'DynamicRO',
      since: 'rio',
    },
    size: {
      doc: 'Length of the dump in bytes.',
      type: 'int',
      kind: 'DynamicRO',
      since: 'rio',
    },
    filename: {
      doc: 'Where the dump lies on the host.',
      type: 'string',
      kind: 'StaticRO',
      internal: true,
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
      doc: 'Deletes the dump on the host with its record.',
      params: [{ name: 'self', type: 'ref host_crashdump' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'rio',
    },
    upload: {
      doc: "Sends the dump to a URL, or to the vendor's server for an empty one.",
      params: [
        { name: 'self', type: 'ref host_crashdump' },
        { name: 'url', type: 'string' },
        { name: 'options', type: 'map(string,string)' },
      ],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'rio',
    },
  },
});
