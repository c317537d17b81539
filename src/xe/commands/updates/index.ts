import type { Command } from '../../command.js';
import { patchCommands } from './patches.js';
import { repositoryCommands } from './repositories.js';
import { updateUploadCommands } from './update-upload.js';
import { updateCommands } from './updates.js';

/** Commands for updates of hosts. */
export const updateFamily: readonly Command[] = [
  ...patchCommands,
  ...updateUploadCommands,
  ...updateCommands,
  ...repositoryCommands,
];
