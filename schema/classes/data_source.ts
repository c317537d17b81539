import { defineClass } from '../define.js';

export const data_source = defineClass({
  name: 'data_source',
  doc: 'A quantity that can be measured on a host, VM or SR.',
  since: 'orlando',
  storage: 'none',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  lookups: [],
  fields: {
    name_label: {
      doc: 'Name of the measurement, such as cpu0 or memory_total_kib.',
      type: 'string',
      kind: 'DynamicRO',
      default: '',
      column: 'name__label',
      since: 'rio',
    },
    name_description: { type: 'string', kind: 'DynamicRO', default: '', column: 'name__description', since: 'rio' },
    enabled: {
      doc: 'True while its history is kept.',
      type: 'bool',
      kind: 'DynamicRO',
      since: 'rio',
    },
    standard: {
      doc: 'True when its history is kept unless told otherwise.',
      type: 'bool',
      kind: 'DynamicRO',
      since: 'rio',
    },
    units: {
      doc: 'Unit of the value, such as B/s.',
      type: 'string',
      kind: 'DynamicRO',
      since: 'rio',
    },
    min: {
      doc: 'Least value possible; may be minus infinity.',
      type: 'float',
      kind: 'DynamicRO',
      since: 'rio',
    },
    max: {
      doc: 'Largest value possible; may be infinity.',
      type: 'float',
      kind: 'DynamicRO',
      since: 'rio',
    },
    value: {
      doc: 'Latest value; NaN when there is none.',
      type: 'float',
      kind: 'DynamicRO',
      since: 'rio',
    },
  },
  messages: {},
});
