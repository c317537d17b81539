import { defineClass } from '../define.js';

export const host_metrics = defineClass({
  name: 'host_metrics',
  doc: 'Memory and liveness of a host.',
  since: 'rio',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    memory_total: {
      doc: 'Bytes of memory in the host.',
      type: 'int',
      kind: 'DynamicRO',
      column: 'memory__total',
      since: 'rio',
    },
    memory_free: {
      doc: 'Removed; the metric archives and host.compute_free_memory tell.',
      type: 'int',
      kind: 'DynamicRO',
      default: 0,
      column: 'memory__free',
      state: 'removed',
      since: 'rio',
      deprecatedSince: 'midnight-ride',
    },
    live: {
      doc: 'True while the coordinator hears from the host.',
      type: 'bool',
      kind: 'DynamicRO',
      since: 'rio',
    },
    last_updated: {
      doc: 'When the measurements were last refreshed.',
      type: 'datetime',
      kind: 'DynamicRO',
      since: 'rio',
    },
    other_config: {
      doc: 'Free-form keys of the measurements.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_OP',
      since: 'orlando',
    },
  },
  messages: {},
});
