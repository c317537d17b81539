import type { Command } from '../../command.js';
import { onUuid, printUuid } from '../support.js';

/** Passwords that objects of the pool refer to. */
export const secretCommands: readonly Command[] = [
  {
    name: 'secret-create',
    required: ['value'],
    optional: [],
    description: 'Keeps a value that shall not stand in the settings of other objects, and prints the uuid that may stand there.',
    async run(context) {
      printUuid(context, 'secret', await context.api.create('secret', { value: context.parameters.required('value') }));
    },
  },
  {
    name: 'secret-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Forgets a secret.',
    run: onUuid('secret', 'destroy'),
  },
];
