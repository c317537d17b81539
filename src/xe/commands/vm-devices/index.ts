import type { Command } from '../../command.js';
import { otherDeviceCommands } from './other-devices.js';
import { vbdCommands } from './vbds.js';

/** Commands for devices of VMs other than cards. */
export const vmDeviceFamily: readonly Command[] = [...vbdCommands, ...otherDeviceCommands];
