import { defineClass } from '../define.js';

export const USB_group = defineClass({
  name: 'USB_group',
  doc: 'USB devices of one kind, any of which can serve a virtual USB device.',
  since: 'inverness',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  lookups: ['all', 'uuid', 'name_label'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'inverness' },
    name_label: { type: 'string', kind: 'RW', default: '', column: 'name__label', setterRoles: 'POOL_ADMIN', since: 'inverness' },
    name_description: {
      type: 'string',
      kind: 'RW',
      default: '',
      column: 'name__description',
      setterRoles: 'POOL_ADMIN',
      since: 'inverness',
    },
    PUSBs: {
      doc: 'Physical devices in the group.',
      type: 'set(ref PUSB)',
      kind: 'DynamicRO',
      since: 'inverness',
    },
    VUSBs: {
      doc: 'Virtual USB devices that draw on the group.',
      type: 'set(ref VUSB)',
      kind: 'DynamicRO',
      since: 'inverness',
    },
    other_config: {
      doc: 'Free-form keys of the group.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_ADMIN',
      since: 'inverness',
    },
  },
  messages: {
    create: {
      doc: 'Makes an empty group of USB devices.',
      params: [
        { name: 'name_label', type: 'string', default: '' },
        { name: 'name_description', type: 'string', default: '' },
        { name: 'other_config', type: 'map(string,string)', default: {} },
      ],
      result: 'ref USB_group',
      roles: 'POOL_ADMIN',
      async: true,
      since: 'inverness',
    },
    destroy: {
      doc: 'Removes a group that has no devices.',
      params: [{ name: 'self', type: 'ref USB_group' }],
      result: 'void',
      roles: 'POOL_ADMIN',
      async: true,
      since: 'inverness',
    },
  },
});
