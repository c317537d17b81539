import { defineClass } from '../define.js';

export const blob = defineClass({
  name: 'blob',
  doc: 'A binary attachment of an object; its bytes travel over HTTP at /blob.',
  since: 'orlando',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid', 'name_label'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    name_label: { type: 'string', kind: 'RW', default: '', column: 'name__label', setterRoles: 'POOL_OP', since: 'rio' },
    name_description: {
      type: 'string',
      kind: 'RW',
      default: '',
      column: 'name__description',
      setterRoles: 'POOL_OP',
      since: 'rio',
    },
    size: {
      doc: 'Length of the content in bytes; 0 until something was uploaded.',
      type: 'int',
      kind: 'DynamicRO',
      since: 'rio',
    },
    public: {
      doc: 'True when the content may be read without a login.',
      type: 'bool',
      kind: 'RW',
      default: false,
      setterRoles: 'POOL_OP',
      since: 'tampa',
    },
    last_updated: {
      doc: 'When the content was last uploaded.',
      type: 'datetime',
      kind: 'StaticRO',
      since: 'rio',
    },
    mime_type: {
      doc: 'Media type the content is served with.',
      type: 'string',
      kind: 'StaticRO',
      since: 'rio',
    },
  },
  messages: {
    create: {
      doc: 'Makes an empty attachment that no object names yet.',
      params: [
        { name: 'mime_type', type: 'string' },
        { name: 'public', type: 'bool', default: false },
      ],
      result: 'ref blob',
      roles: 'POOL_OP',
      since: 'orlando',
    },
    destroy: {
      doc: 'Deletes the attachment with its content.',
      params: [{ name: 'self', type: 'ref blob' }],
      result: 'void',
      roles: 'POOL_OP',
      since: 'orlando',
    },
  },
});
