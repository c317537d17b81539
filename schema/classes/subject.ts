import { defineClass } from '../define.js';

export const subject = defineClass({
  name: 'subject',
  doc: 'A user or group of the directory that may log in, with the roles it was granted.',
  since: 'george',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  constructible: true,
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    subject_identifier: {
      doc: 'Identifier in the directory, such as a Windows SID; unique in the pool.',
      type: 'string',
      kind: 'StaticRO',
      default: '',
      since: 'george',
    },
    other_config: {
      doc: 'Facts the directory told: subject-name, subject-is-group, subject-displayname and others.',
      type: 'map(string,string)',
      kind: 'StaticRO',
      default: {},
      since: 'george',
    },
    roles: {
      doc: 'Roles granted to the subject; pool-admin at first.',
      type: 'set(ref role)',
      kind: 'DynamicRO',
      default: ['OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba'],
      weak: true,
      since: 'midnight-ride',
    },
  },
  messages: {
    add_to_roles: {
      doc: 'Grants a role; open sessions get it at their next check.',
      params: [
        { name: 'self', type: 'ref subject' },
        { name: 'role', type: 'ref role' },
      ],
      result: 'void',
      roles: 'POOL_ADMIN',
      since: 'midnight-ride',
    },
    remove_from_roles: {
      doc: 'Takes a role away from the subject.',
      params: [
        { name: 'self', type: 'ref subject' },
        { name: 'role', type: 'ref role' },
      ],
      result: 'void',
      roles: 'POOL_ADMIN',
      since: 'midnight-ride',
    },
    get_permissions_name_label: {
      doc: 'Names all permissions the roles of the subject add up to.',
      params: [{ name: 'self', type: 'ref subject' }],
      result: 'set(string)',
      roles: 'READ_ONLY',
      since: 'midnight-ride',
    },
  },
});
