import type { Command } from '../../command.js';
import { parseInt64 } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Bytes of a frame where nobody says otherwise: Ethernet's own. */
const MTU = 1500;

/** Life of networks. */
export const networkCommands: readonly Command[] = [
  {
    name: 'network-create',
    required: ['name-label'],
    optional: ['name-description', 'MTU', 'bridge', 'managed'],
    description: 'Makes a network and prints its uuid. With no PIF in it, it joins VMs of one host.',
    async run(context) {
      const { api, parameters } = context;
      const mtu = parameters.find('MTU');
      const network = await api.create('network', {
        name_label: parameters.required('name-label'),
        name_description: parameters.text('name-description', ''),
        MTU: mtu === undefined ? MTU : parseInt64(mtu),
        other_config: new Map(),
        bridge: parameters.text('bridge', ''),
        managed: parameters.boolean('managed', true),
        tags: [],
      });
      printUuid(context, 'network', network);
    },
  },
  {
    name: 'network-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a network that nothing is connected to.',
    run: onUuid('network', 'destroy'),
  },
  {
    name: 'network-attach',
    required: ['uuid', 'host-uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Makes a network ready for use on a host.',
    async run(context) {
      const network = refOf(context, 'network', 'uuid');
      await context.api.call('network', 'attach', network, refOf(context, 'host', 'host-uuid'));
    },
  },
  {
    name: 'network-sriov-create',
    required: ['pif-uuid', 'network-uuid'],
    optional: [],
    description: 'Splits a card that can do SR-IOV into virtual functions for the VMs of a network. Prints the uuid.',
    async run(context) {
      const pif = refOf(context, 'PIF', 'pif-uuid');
      const network = refOf(context, 'network', 'network-uuid');
      printUuid(context, 'network_sriov', await context.api.call('network_sriov', 'create', pif, network));
    },
  },
  {
    name: 'network-sriov-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes the virtual functions of a card away again.',
    run: onUuid('network_sriov', 'destroy'),
  },
];
