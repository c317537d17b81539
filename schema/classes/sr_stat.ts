import { defineClass } from '../define.js';

export const sr_stat = defineClass({
  name: 'sr_stat',
  doc: 'What a probe found out about one storage repository.',
  since: 'kolkata',
  storage: 'none',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'LOCAL_ROOT_ONLY' },
  lookups: [],
  fields: {
    uuid: {
      doc: 'UUID of the repository; absent when it has none yet.',
      type: 'option(string)',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    name_label: { type: 'string', kind: 'DynamicRO', since: 'kolkata' },
    name_description: { type: 'string', kind: 'DynamicRO', since: 'kolkata' },
    free_space: {
      doc: 'Bytes free on the storage.',
      type: 'int',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    total_space: {
      doc: 'Bytes of the storage in all.',
      type: 'int',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    clustered: {
      doc: 'True when hosts share it through a cluster file system.',
      type: 'bool',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    health: {
      doc: 'Condition: healthy, recovering, unreachable or unavailable.',
      type: 'enum sr_health',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
  },
  messages: {},
});
