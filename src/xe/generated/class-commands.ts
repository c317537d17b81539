import type { Command } from '../command.js';
import type { RecordClass } from '../records/record-class.js';
import { listCommand } from './list.js';
import { paramAddCommand } from './param-add.js';
import { paramClearCommand } from './param-clear.js';
import { paramGetCommand } from './param-get.js';
import { paramListCommand } from './param-list.js';
import { paramRemoveCommand } from './param-remove.js';
import { paramSetCommand } from './param-set.js';

/** Lists that people need most, named by plain `help`. */
const STANDARD: ReadonlySet<string> = new Set(['vm-list', 'network-list', 'sr-list']);

/** The commands that follow from what a class and its fields can do. */
export function classCommands(recordClass: RecordClass): readonly Command[] {
  const commands = [
    listCommand(recordClass),
    paramListCommand(recordClass),
    paramGetCommand(recordClass),
    paramSetCommand(recordClass),
    paramAddCommand(recordClass),
    paramRemoveCommand(recordClass),
    paramClearCommand(recordClass),
  ];
  return commands
    .filter((command) => command !== undefined)
    .map((command) => (STANDARD.has(command.name) ? { ...command, flags: ['standard'] } : command));
}
