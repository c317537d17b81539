import { defineClass } from '../define.js';

export const console = defineClass({
  name: 'console',
  doc: 'A way to see and work the screen or serial line of a running VM.',
  since: 'rio',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'VM_ADMIN' },
  constructible: true,
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    protocol: {
      doc: 'rfb for graphics (VNC), vt100 for a text terminal, rdp for remote desktop.',
      type: 'enum console_protocol',
      kind: 'DynamicRO',
      since: 'rio',
    },
    location: {
      doc: 'URL to connect to on the host of the VM; add session_id to it.',
      type: 'string',
      kind: 'DynamicRO',
      since: 'rio',
    },
    VM: {
      doc: 'Virtual machine the console shows.',
      type: 'ref VM',
      kind: 'DynamicRO',
      since: 'rio',
    },
    other_config: {
      doc: 'Free-form keys of the console.',
      type: 'map(string,string)',
      kind: 'RW',
      setterRoles: 'VM_ADMIN',
      since: 'rio',
    },
    port: {
      doc: 'Local port or terminal behind the console.',
      type: 'int',
      kind: 'RW',
      internal: true,
      setterRoles: 'VM_ADMIN',
      since: 'rio',
    },
  },
  messages: {},
});
