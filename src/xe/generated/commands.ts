import type { Command } from '../command.js';
import { recordClasses } from '../records/classes.js';
import { classCommands } from './class-commands.js';

/** The commands of all classes. */
export const generatedCommands: readonly Command[] = recordClasses.flatMap(classCommands);
