import { defineClass } from '../define.js';

export const user = defineClass({
  name: 'user',
  doc: 'A user account of the early API; subjects and roles replace it.',
  since: 'rio',
  state: 'deprecated',
  deprecatedSince: 'george',
  storage: 'durable',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  constructible: true,
  lookups: ['uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    short_name: {
      doc: 'Login name of the user.',
      type: 'string',
      kind: 'StaticRO',
      since: 'rio',
    },
    fullname: {
      doc: 'Full name of the user.',
      type: 'string',
      kind: 'RW',
      setterRoles: 'POOL_ADMIN',
      since: 'rio',
    },
    other_config: {
      doc: 'Free-form keys of the user.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_ADMIN',
      since: 'orlando',
    },
  },
  messages: {},
});
