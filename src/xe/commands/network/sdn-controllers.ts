import { enums } from '../../../../schema/enums.js';
import type { Command } from '../../command.js';
import { parseInt64, parseWord } from '../../values.js';
import { onUuid, printUuid } from '../support.js';

/** Controllers of software-defined networks. */
export const sdnControllerCommands: readonly Command[] = [
  {
    name: 'sdn-controller-introduce',
    required: [],
    optional: ['address', 'protocol', 'tcp-port'],
    description: 'Tells the pool of an SDN controller: ssl connects to it, pssl waits for it. Prints the uuid.',
    async run(context) {
      const { api, parameters } = context;
      const protocol = parseWord(enums.sdn_controller_protocol, parameters.text('protocol', 'ssl'));
      const port = parseInt64(parameters.text('tcp-port', '0'));
      const address = parameters.text('address', '');
      printUuid(context, 'SDN_controller', await api.call('SDN_controller', 'introduce', protocol, address, port));
    },
  },
  {
    name: 'sdn-controller-forget',
    required: ['uuid'],
    optional: [],
    description: 'Makes the pool forget an SDN controller.',
    run: onUuid('SDN_controller', 'forget'),
  },
];
