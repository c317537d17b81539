import type { Command } from '../../command.js';
import { parseInteger } from '../../values.js';
import { refOf } from '../support.js';

/** Networks that reach through the whole pool. */
export const poolNetworkCommands: readonly Command[] = [
  {
    name: 'pool-vlan-create',
    required: ['pif-uuid', 'vlan', 'network-uuid'],
    optional: [],
    description: 'Makes a VLAN on the same interface of every host, and prints the uuids of the PIFs.',
    async run(context) {
      const { api, parameters, printer } = context;
      const network = refOf(context, 'network', 'network-uuid');
      const pif = refOf(context, 'PIF', 'pif-uuid');
      const pifs = await api.call(
        'pool',
        'create_VLAN_from_PIF',
        pif,
        network,
        parseInteger('vlan', parameters.required('vlan')),
      );
      printer.lines(...pifs.map((made) => api.uuid('PIF', made)));
    },
  },
  {
    name: 'pool-management-reconfigure',
    required: ['network-uuid'],
    optional: [],
    description: 'Makes a network the one through which all hosts are managed.',
    async run(context) {
      await context.api.call('pool', 'management_reconfigure', refOf(context, 'network', 'network-uuid'));
    },
  },
  {
    name: 'pool-set-vswitch-controller',
    required: ['address'],
    optional: [],
    flags: ['hidden'],
    description: 'Has the virtual switches of all hosts follow a controller.',
    async run({ api, parameters }) {
      await api.call('pool', 'set_vswitch_controller', parameters.required('address'));
    },
  },
];
