import { defineClass } from '../define.js';

export const PVS_cache_storage = defineClass({
  name: 'PVS_cache_storage',
  doc: "Storage on one host for the cache of a provisioning site's proxies.",
  since: 'ely',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  constructible: true,
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'ely' },
    host: {
      doc: 'Host the cache is on.',
      type: 'ref host',
      kind: 'StaticRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
    SR: {
      doc: 'Storage repository the cache is kept in.',
      type: 'ref SR',
      kind: 'StaticRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
    site: {
      doc: 'Site whose disks are cached.',
      type: 'ref PVS_site',
      kind: 'StaticRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
    size: {
      doc: 'Bytes the cache may take.',
      type: 'int',
      kind: 'StaticRO',
      default: 21474836480,
      since: 'ely',
    },
    VDI: {
      doc: 'Disk that holds the cache; null until the first proxy starts.',
      type: 'ref VDI',
      kind: 'DynamicRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
  },
  messages: {},
});
