import { defineClass } from '../define.js';

export const vdi_nbd_server_info = defineClass({
  name: 'vdi_nbd_server_info',
  doc: 'One way to reach a VDI over NBD.',
  since: 'inverness',
  storage: 'none',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'LOCAL_ROOT_ONLY' },
  lookups: [],
  fields: {
    exportname: {
      doc: 'Name to ask the server for; it holds a session and so is a secret.',
      type: 'string',
      kind: 'DynamicRO',
      since: 'inverness',
    },
    address: {
      doc: 'Address of a host that serves the disk.',
      type: 'string',
      kind: 'DynamicRO',
      since: 'inverness',
    },
    port: {
      doc: 'TCP port of the NBD server.',
      type: 'int',
      kind: 'DynamicRO',
      since: 'inverness',
    },
    cert: {
      doc: 'TLS certificate the server will show, in PEM.',
      type: 'string',
      kind: 'DynamicRO',
      since: 'inverness',
    },
    subject: {
      doc: 'Name in the certificate to check the server against.',
      type: 'string',
      kind: 'DynamicRO',
      since: 'inverness',
    },
  },
  messages: {},
});
