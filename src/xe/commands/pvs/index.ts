import type { Command } from '../../command.js';
import { pvsCacheStorageCommands } from './cache-storage.js';
import { pvsCommands } from './pvs.js';

/** Commands for Provisioning Services. */
export const pvsFamily: readonly Command[] = [...pvsCommands, ...pvsCacheStorageCommands];
