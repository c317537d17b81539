import type { Command } from '../../command.js';
import { onUuid } from '../support.js';

/** Work that goes on. */
export const taskCommands: readonly Command[] = [
  {
    name: 'task-cancel',
    required: ['uuid'],
    optional: [],
    description: 'Asks a task to stop.',
    run: onUuid('task', 'cancel'),
  },
];
