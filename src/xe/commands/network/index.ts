import type { Command } from '../../command.js';
import { bondCommands } from './bonds.js';
import { networkCommands } from './networks.js';
import { pifCommands } from './pifs.js';
import { sdnControllerCommands } from './sdn-controllers.js';
import { tunnelCommands } from './tunnels.js';
import { vifCommands } from './vifs.js';
import { vlanCommands } from './vlans.js';

/** Commands for networks and what is connected to them. */
export const networkFamily: readonly Command[] = [
  ...networkCommands,
  ...pifCommands,
  ...vifCommands,
  ...vlanCommands,
  ...bondCommands,
  ...tunnelCommands,
  ...sdnControllerCommands,
];
