import type { Command } from '../../command.js';
import { applianceCommands } from './appliances.js';

/** Commands for appliances. */
export const applianceFamily: readonly Command[] = applianceCommands;
