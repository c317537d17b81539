import { defineClass } from '../define.js';

export const secret = defineClass({
  name: 'secret',
  doc: 'A password or other text that other objects name instead of holding it.',
  since: 'midnight-ride',
  storage: 'durable',
  events: false,
  roles: { implicit: 'POOL_OP', constructor: 'POOL_OP' },
  constructible: true,
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', getterRoles: 'POOL_OP', since: 'rio' },
    value: {
      doc: 'The hidden text; getting it needs more rights than reading the rest.',
      type: 'string',
      kind: 'RW',
      setterRoles: 'POOL_OP',
      getterRoles: 'POOL_OP',
      since: 'rio',
    },
    other_config: {
      doc: 'Free-form keys of the secret.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_OP',
      getterRoles: 'READ_ONLY',
      since: 'rio',
    },
  },
  messages: {
    introduce: {
      doc: 'Records a secret with its uuid while a host joins.',
      params: [
        { name: 'uuid', type: 'string' },
        { name: 'value', type: 'string' },
        { name: 'other_config', type: 'map(string,string)', default: {} },
      ],
      result: 'ref secret',
      roles: 'POOL_OP',
      hidden: true,
      secret: true,
      since: 'midnight-ride',
    },
  },
});
