import type { Command } from '../../command.js';
import { gpuCommands } from './gpus.js';
import { pciCommands } from './pcis.js';

/** Commands for devices of hosts. */
export const deviceFamily: readonly Command[] = [...gpuCommands, ...pciCommands];
