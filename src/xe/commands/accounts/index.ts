import type { Command } from '../../command.js';
import { callerCommands } from './callers.js';
import { rateLimitCommands } from './rate-limits.js';
import { secretCommands } from './secrets.js';
import { sessionCommands } from './sessions.js';
import { subjectCommands } from './subjects.js';

/** Commands for people and programs that use the pool, and for their secrets. */
export const accountFamily: readonly Command[] = [
  ...subjectCommands,
  ...sessionCommands,
  ...secretCommands,
  ...callerCommands,
  ...rateLimitCommands,
];
