import type { Command } from '../command.js';
import { generatedCommands } from '../generated/commands.js';
import { accountFamily } from './accounts/index.js';
import { activityFamily } from './activity/index.js';
import { applianceFamily } from './appliance/index.js';
import { clusterFamily } from './cluster/index.js';
import { deviceFamily } from './devices/index.js';
import { eventCommands } from './event-wait.js';
import { hostFamily } from './host/index.js';
import { networkFamily } from './network/index.js';
import { poolFamily } from './pool/index.js';
import { pvsFamily } from './pvs/index.js';
import { snapshotFamily } from './snapshot/index.js';
import { storageFamily } from './storage/index.js';
import { templateFamily } from './template/index.js';
import { updateFamily } from './updates/index.js';
import { vmFamily } from './vm/index.js';
import { vmDeviceFamily } from './vm-devices/index.js';

/** Every command, by name. */
export function allCommands(): ReadonlyMap<string, Command> {
  const all = [
    ...generatedCommands,
    ...applianceFamily,
    ...eventCommands,
    ...snapshotFamily,
    ...templateFamily,
    ...vmFamily,
    ...vmDeviceFamily,
    ...networkFamily,
    ...storageFamily,
    ...deviceFamily,
    ...pvsFamily,
    ...accountFamily,
    ...activityFamily,
    ...clusterFamily,
    ...hostFamily,
    ...poolFamily,
    ...updateFamily,
  ];
  return new Map(all.map((command) => [command.name, command]));
}
