import { defineClass } from '../define.js';

export const Feature = defineClass({
  name: 'Feature',
  doc: 'An optional feature of a host, with whether it is on.',
  since: 'falcon',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'LOCAL_ROOT_ONLY' },
  lookups: ['all', 'uuid', 'name_label'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'falcon' },
    name_label: { type: 'string', kind: 'StaticRO', default: '', column: 'name__label', since: 'rio' },
    name_description: { type: 'string', kind: 'StaticRO', default: '', column: 'name__description', since: 'rio' },
    enabled: {
      doc: 'True when the feature is on.',
      type: 'bool',
      kind: 'DynamicRO',
      default: false,
      since: 'falcon',
    },
    experimental: {
      doc: 'True when the feature is not yet supported for real use.',
      type: 'bool',
      kind: 'StaticRO',
      default: false,
      since: 'falcon',
    },
    version: {
      doc: 'Version of the feature, as text.',
      type: 'string',
      kind: 'StaticRO',
      default: '1.0',
      since: 'falcon',
    },
    host: {
      doc: 'Host that has the feature.',
      type: 'ref host',
      kind: 'DynamicRO',
      since: 'falcon',
    },
  },
  messages: {},
});
