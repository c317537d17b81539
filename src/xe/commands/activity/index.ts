import type { Command } from '../../command.js';
import { auditLogCommands } from './audit-log.js';
import { messageCommands } from './messages.js';
import { observerCommands } from './observers.js';
import { taskCommands } from './tasks.js';

/** Commands for what goes on and what has happened. */
export const activityFamily: readonly Command[] = [...messageCommands, ...taskCommands, ...auditLogCommands, ...observerCommands];
