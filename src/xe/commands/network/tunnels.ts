import { enums } from '../../../../schema/enums.js';
import type { Command } from '../../command.js';
import { parseWord } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** How frames are wrapped where nobody says. */
const PROTOCOL = 'gre';

/** Tunnels between hosts. */
export const tunnelCommands: readonly Command[] = [
  {
    name: 'tunnel-create',
    required: ['pif-uuid', 'network-uuid'],
    optional: ['protocol'],
    description:
      'Carries a network over the address of a PIF, as gre or vxlan. Prints the uuid of the PIF that stands for the tunnel.',
    async run(context) {
      const { api, parameters } = context;
      const network = refOf(context, 'network', 'network-uuid');
      const pif = refOf(context, 'PIF', 'pif-uuid');
      const protocol = parseWord(enums.tunnel_protocol, parameters.text('protocol', PROTOCOL));
      const tunnel = await api.call('tunnel', 'create', pif, network, protocol);
      printUuid(context, 'PIF', api.get('tunnel', tunnel, 'access_PIF'));
    },
  },
  {
    name: 'tunnel-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a tunnel.',
    run: onUuid('tunnel', 'destroy'),
  },
];
