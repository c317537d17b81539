import { defineClass } from '../define.js';

export const role = defineClass({
  name: 'role',
  doc: 'A named set of permissions, or a single permission, that can be granted to subjects.',
  since: 'midnight-ride',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_ADMIN' },
  lookups: ['all', 'uuid', 'name_label'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    name_label: {
      doc: 'Name of the role, such as vm-admin, or of the permission.',
      type: 'string',
      kind: 'StaticRO',
      default: '',
      column: 'name__label',
      since: 'midnight-ride',
    },
    name_description: { type: 'string', kind: 'StaticRO', default: '', column: 'name__description', since: 'midnight-ride' },
    subroles: {
      doc: 'Permissions and roles the role is made of.',
      type: 'set(ref role)',
      kind: 'StaticRO',
      default: [],
      weak: true,
      since: 'midnight-ride',
    },
    is_internal: {
      doc: 'True for entries of internal use, which are no roles to grant.',
      type: 'bool',
      kind: 'DynamicRO',
      default: false,
      since: '22.5.0',
    },
  },
  messages: {
    get_permissions: {
      doc: 'Lists the permissions the role adds up to.',
      params: [{ name: 'self', type: 'ref role' }],
      result: 'set(ref role)',
      roles: 'READ_ONLY',
      since: 'midnight-ride',
    },
    get_permissions_name_label: {
      doc: 'Names the permissions the role adds up to.',
      params: [{ name: 'self', type: 'ref role' }],
      result: 'set(string)',
      roles: 'READ_ONLY',
      since: 'midnight-ride',
    },
    get_by_permission: {
      doc: 'Lists the roles that contain the permission.',
      params: [{ name: 'permission', type: 'ref role' }],
      result: 'set(ref role)',
      roles: 'READ_ONLY',
      since: 'midnight-ride',
    },
    get_by_permission_name_label: {
      doc: 'Lists the roles that contain the permission of that name.',
      params: [{ name: 'label', type: 'string' }],
      result: 'set(ref role)',
      roles: 'READ_ONLY',
      since: 'midnight-ride',
    },
  },
});
