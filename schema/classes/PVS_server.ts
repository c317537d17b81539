import { defineClass } from '../define.js';

export const PVS_server = defineClass({
  name: 'PVS_server',
  doc: 'A provisioning server, by addresses and port range.',
  since: 'ely',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'ely' },
    addresses: {
      doc: 'IPv4 addresses of the server.',
      type: 'set(string)',
      kind: 'StaticRO',
      default: [],
      since: 'ely',
    },
    first_port: {
      doc: 'Lowest UDP port the server answers on.',
      type: 'int',
      kind: 'StaticRO',
      default: 0,
      since: 'ely',
    },
    last_port: {
      doc: 'Highest UDP port the server answers on.',
      type: 'int',
      kind: 'StaticRO',
      default: 0,
      since: 'ely',
    },
    site: {
      doc: 'Site the server belongs to.',
      type: 'ref PVS_site',
      kind: 'StaticRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
  },
  messages: {
    introduce: {
      doc: 'Records a server of a site.',
      params: [
        { name: 'addresses', type: 'set(string)' },
        { name: 'first_port', type: 'int' },
        { name: 'last_port', type: 'int' },
        { name: 'site', type: 'ref PVS_site' },
      ],
      result: 'ref PVS_server',
      roles: 'POOL_OP',
      async: true,
      since: 'ely',
    },
    forget: {
      doc: 'Removes the record of a server.',
      params: [{ name: 'self', type: 'ref PVS_server' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'ely',
    },
  },
});
