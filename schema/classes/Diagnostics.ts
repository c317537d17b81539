import { defineClass } from '../define.js';

export const Diagnostics = defineClass({
  name: 'Diagnostics',
  doc: 'Calls that look into the server itself, for support.',
  since: 'stockholm',
  storage: 'none',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: [],
  unpublished: true,
  fields: {},
  messages: {
    gc_compact: {
      doc: 'Frees unused memory of the agent on a host.',
      params: [{ name: 'host', type: 'ref host' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      hidden: true,
      since: 'stockholm',
    },
    gc_stats: {
      doc: 'Returns memory figures of the agent on a host.',
      params: [{ name: 'host', type: 'ref host' }],
      result: 'map(string,string)',
      roles: 'POOL_OP',
      async: true,
      hidden: true,
      since: 'stockholm',
    },
    db_stats: {
      doc: 'Returns figures on the use of the database lock.',
      params: [],
      result: 'map(string,string)',
      roles: 'POOL_OP',
      async: true,
      hidden: true,
      since: 'stockholm',
    },
    network_stats: {
      doc: 'Returns counts of requests and bytes of a host, grouped as the parameters ask.',
      params: [
        { name: 'host', type: 'ref host' },
        { name: 'params', type: 'map(string,string)' },
      ],
      result: 'set(set(string))',
      roles: 'POOL_OP',
      async: true,
      hidden: true,
      since: 'stockholm',
    },
  },
});
