import type { Command } from '../../command.js';
import { clusterHostCommands } from './cluster-hosts.js';
import { clusterCommands } from './clusters.js';

/** Commands for clusters of hosts. */
export const clusterFamily: readonly Command[] = [...clusterCommands, ...clusterHostCommands];
