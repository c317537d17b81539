import type { Command } from '../../command.js';
import { templateCommands } from './templates.js';

/** Commands for templates. */
export const templateFamily: readonly Command[] = templateCommands;
