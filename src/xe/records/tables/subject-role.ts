import type { ClassTable } from '../row.js';

/** Fields of `subject`. */
export const subject: ClassTable<'subject'> = {
  name: 'subject',
  of: 'subject',
  shown: ['uuid', 'subject-identifier', 'other-config', 'roles'],
  rows: [{ name: 'uuid' }, { name: 'subject-identifier' }, { name: 'other-config' }, { name: 'roles', from: 'roles.name_label' }],
};

/** Fields of `role`. */
export const role: ClassTable<'role'> = {
  name: 'role',
  of: 'role',
  shown: ['uuid', 'name', 'description'],
  rows: [{ name: 'uuid' }, { name: 'name', from: 'name_label' }, { name: 'description', from: 'name_description' }],
};
