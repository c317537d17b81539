import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { printUuid, refOf } from '../support.js';

/** Users and groups of the directory that may log in. */
export const subjectCommands: readonly Command[] = [
  {
    name: 'subject-add',
    required: ['subject-name'],
    optional: [],
    description: 'Lets a user or a group of the directory log in, and prints a uuid. What they may do, roles say.',
    async run(context) {
      const { api, parameters } = context;
      const identifier = await api.call('auth', 'get_subject_identifier', parameters.required('subject-name'));
      printUuid(context, 'subject', await api.create('subject', { subject_identifier: identifier }));
    },
  },
  {
    name: 'subject-remove',
    required: ['subject-uuid'],
    optional: [],
    description: 'Lets a user or a group log in no more.',
    async run(context) {
      await context.api.destroy('subject', refOf(context, 'subject', 'subject-uuid'));
    },
  },
  {
    name: 'subject-role-add',
    required: ['uuid'],
    optional: ['role-name', 'role-uuid'],
    description: 'Gives a user or a group a role, by its name or uuid.',
    async run(context) {
      const role = roleOf(context);
      await context.api.call('subject', 'add_to_roles', refOf(context, 'subject', 'uuid'), role);
    },
  },
  {
    name: 'subject-role-remove',
    required: ['uuid'],
    optional: ['role-name', 'role-uuid'],
    description: 'Takes a role away from a user or a group.',
    async run(context) {
      const role = roleOf(context);
      await context.api.call('subject', 'remove_from_roles', refOf(context, 'subject', 'uuid'), role);
    },
  },
];

/** Throws CommandFailure unless one role is named, and in one way. */
function roleOf(context: CommandContext): Ref<'role'> {
  const { api, parameters } = context;
  const name = parameters.find('role-name');
  if (parameters.has('role-uuid') === (name !== undefined))
    throw new CommandFailure('Name the role with either role-name or role-uuid');
  if (name === undefined) return refOf(context, 'role', 'role-uuid');
  for (const [ref, { fields }] of api.records('role')) {
    if (fields.name_label === name) return ref;
  }
  throw new CommandFailure(`There is no role ${name}`);
}
