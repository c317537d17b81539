import { defineClass } from '../define.js';

export const VM_group = defineClass({
  name: 'VM_group',
  doc: 'VMs that are placed with regard to each other.',
  since: '24.19.1',
  state: 'prototyped',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'VM_ADMIN' },
  constructible: true,
  lookups: ['all', 'uuid', 'name_label'],
  unpublished: true,
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    name_label: { type: 'string', kind: 'RW', default: '', column: 'name__label', setterRoles: 'VM_ADMIN', since: 'rio' },
    name_description: {
      type: 'string',
      kind: 'RW',
      default: '',
      column: 'name__description',
      setterRoles: 'VM_ADMIN',
      since: 'rio',
    },
    placement: {
      doc: 'anti_affinity keeps members on different hosts where possible; normal does nothing.',
      type: 'enum placement_policy',
      kind: 'StaticRO',
      default: 'normal',
      state: 'prototyped',
      since: '24.19.1',
    },
    VMs: {
      doc: 'Members of the placement group.',
      type: 'set(ref VM)',
      kind: 'DynamicRO',
      state: 'prototyped',
      since: '24.19.1',
    },
  },
  messages: {},
});
