import type { Command } from '../../command.js';
import { snapshotCommands } from './snapshots.js';

/** Commands for snapshots of VMs. */
export const snapshotFamily: readonly Command[] = snapshotCommands;
