import { defineClass } from '../define.js';

export const Driver_variant = defineClass({
  name: 'Driver_variant',
  doc: "One version of a host's driver that can be chosen.",
  since: '25.2.0',
  state: 'prototyped',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  lookups: ['all', 'uuid'],
  unpublished: true,
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', state: 'prototyped', since: '25.2.0' },
    name: {
      doc: 'Name of the variant, unique within its driver.',
      type: 'string',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '25.2.0',
    },
    driver: {
      doc: 'Driver this is a variant of.',
      type: 'ref Host_driver',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '25.2.0',
    },
    version: {
      doc: 'Version of the variant, as text.',
      type: 'string',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '25.2.0',
    },
    hardware_present: {
      doc: 'True when the host has hardware the variant serves.',
      type: 'bool',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '25.2.0',
    },
    priority: {
      doc: 'Rank among the variants; the highest is preferred.',
      type: 'float',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '25.2.0',
    },
    status: {
      doc: 'How mature the variant is, as its maker says.',
      type: 'string',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '25.2.0',
    },
  },
  messages: {
    select: {
      doc: 'Chooses this variant of its driver; a reboot may be needed.',
      params: [{ name: 'self', type: 'ref Driver_variant' }],
      result: 'void',
      roles: 'POOL_ADMIN',
      async: true,
      state: 'prototyped',
      since: '25.2.0',
    },
  },
});
