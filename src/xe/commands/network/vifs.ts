import { randomBytes } from 'node:crypto';
import { enums } from '../../../../schema/enums.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { parseWord } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Cards of VMs. */
export const vifCommands: readonly Command[] = [
  {
    name: 'vif-create',
    required: ['device', 'network-uuid', 'vm-uuid'],
    optional: ['mac'],
    description:
      'Gives a VM a card in a network and prints its uuid. Without mac the server chooses an address that stays with the VM; random makes any.',
    run: createVif,
  },
  {
    name: 'vif-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a card away from a VM.',
    run: onUuid('VIF', 'destroy'),
  },
  {
    name: 'vif-plug',
    required: ['uuid'],
    optional: [],
    description: 'Plugs a card into its running VM.',
    run: onUuid('VIF', 'plug'),
  },
  {
    name: 'vif-unplug',
    required: ['uuid'],
    optional: ['force'],
    description: 'Unplugs a card from its running VM; with force=true whatever the guest says.',
    async run(context) {
      const force = context.parameters.boolean('force');
      await context.api.call('VIF', force ? 'unplug_force' : 'unplug', refOf(context, 'VIF', 'uuid'));
    },
  },
  {
    name: 'vif-move',
    required: ['uuid', 'network-uuid'],
    optional: [],
    description: 'Moves a card to another network, also while its VM runs.',
    async run(context) {
      const vif = refOf(context, 'VIF', 'uuid');
      await context.api.call('VIF', 'move', vif, refOf(context, 'network', 'network-uuid'));
    },
  },
  {
    name: 'vif-configure-ipv4',
    required: ['uuid', 'mode'],
    optional: ['address', 'gateway'],
    description: 'Has the guest set the IPv4 address of a card: mode is none, or static with address and perhaps gateway.',
    async run(context) {
      const vif = refOf(context, 'VIF', 'uuid');
      const mode = parseWord(enums.vif_ipv4_configuration_mode, context.parameters.required('mode'));
      await context.api.call('VIF', 'configure_ipv4', vif, mode, ...addresses(context, mode));
    },
  },
  {
    name: 'vif-configure-ipv6',
    required: ['uuid', 'mode'],
    optional: ['address', 'gateway'],
    description: 'Has the guest set the IPv6 address of a card: mode is none, or static with address and perhaps gateway.',
    async run(context) {
      const vif = refOf(context, 'VIF', 'uuid');
      const mode = parseWord(enums.vif_ipv6_configuration_mode, context.parameters.required('mode'));
      await context.api.call('VIF', 'configure_ipv6', vif, mode, ...addresses(context, mode));
    },
  },
];

async function createVif(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const mac = parameters.text('mac', '');
  const vm = refOf(context, 'VM', 'vm-uuid');
  const network = refOf(context, 'network', 'network-uuid');
  const vif = await api.create('VIF', {
    device: parameters.required('device'),
    network,
    VM: vm,
    MAC: mac === 'random' ? randomMac() : mac,
    MTU: api.get('network', network, 'MTU'),
    other_config: new Map(),
    qos_algorithm_type: '',
    qos_algorithm_params: new Map(),
    locking_mode: 'network_default',
    ipv4_allowed: [],
    ipv6_allowed: [],
  });
  printUuid(context, 'VIF', vif);
}

/** A random address that was given out locally, to one card alone. */
function randomMac(): string {
  const bytes = randomBytes(6);
  bytes.writeUInt8((bytes.readUInt8() | 0x02) & ~0x01);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function addresses({ parameters }: CommandContext, mode: string): [address: string, gateway: string] {
  const address = parameters.text('address', '');
  if (mode === 'Static' && address === '') throw new CommandFailure('Required parameter not found: address');
  return [address, parameters.text('gateway', '')];
}
