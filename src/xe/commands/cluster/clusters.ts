import type { Command, CommandContext } from '../../command.js';
import { parseFloatText } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** The stack that clusters have unless another is named. */
const STACK = 'corosync';

/** Seconds without a sign of life after which a member counts as failed, and seconds more for each member beyond two. */
const TOKEN_TIMEOUT = 20;
const TOKEN_TIMEOUT_COEFFICIENT = 1;

/** Hosts bound together for shared file systems, and the whole pool at once. */
export const clusterCommands: readonly Command[] = [
  {
    name: 'cluster-pool-create',
    required: ['network-uuid'],
    optional: ['cluster-stack', 'token-timeout', 'token-timeout-coefficient'],
    description: 'Binds all hosts together over a network and prints a uuid.',
    async run(context) {
      const network = refOf(context, 'network', 'network-uuid');
      const { stack, timeout, coefficient } = settings(context);
      printUuid(context, 'Cluster', await context.api.call('Cluster', 'pool_create', network, stack, timeout, coefficient));
    },
  },
  {
    name: 'cluster-pool-destroy',
    required: ['cluster-uuid'],
    optional: [],
    description: 'Dissolves a cluster of all hosts.',
    run: (context) => onCluster(context, 'pool_destroy'),
  },
  {
    name: 'cluster-pool-force-destroy',
    required: ['cluster-uuid'],
    optional: [],
    description: 'Dissolves a cluster of all hosts, whether they answer or not.',
    run: (context) => onCluster(context, 'pool_force_destroy'),
  },
  {
    name: 'cluster-pool-resync',
    required: ['cluster-uuid'],
    optional: [],
    description: 'Brings hosts that are missing from a cluster of all hosts into it.',
    run: (context) => onCluster(context, 'pool_resync'),
  },
  {
    name: 'cluster-create',
    required: ['pif-uuid'],
    optional: ['cluster-stack', 'pool-auto-join', 'token-timeout', 'token-timeout-coefficient'],
    flags: ['hidden'],
    description: 'Makes a cluster of one host, which it reaches through an interface, and prints a uuid.',
    async run(context) {
      const { api, parameters } = context;
      const pif = refOf(context, 'PIF', 'pif-uuid');
      const { stack, timeout, coefficient } = settings(context);
      const autoJoin = parameters.boolean('pool-auto-join', true);
      printUuid(context, 'Cluster', await api.call('Cluster', 'create', pif, stack, autoJoin, timeout, coefficient));
    },
  },
  {
    name: 'cluster-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Dissolves a cluster of one host.',
    run: onUuid('Cluster', 'destroy'),
  },
];

function settings({ parameters }: CommandContext): { stack: string; timeout: number; coefficient: number } {
  const number = (name: string, initial: number) => {
    const text = parameters.find(name);
    return text === undefined ? initial : parseFloatText(name, text);
  };
  return {
    stack: parameters.text('cluster-stack', STACK),
    timeout: number('token-timeout', TOKEN_TIMEOUT),
    coefficient: number('token-timeout-coefficient', TOKEN_TIMEOUT_COEFFICIENT),
  };
}

async function onCluster(context: CommandContext, message: 'pool_destroy' | 'pool_force_destroy' | 'pool_resync'): Promise<void> {
  await context.api.call('Cluster', message, refOf(context, 'Cluster', 'cluster-uuid'));
}
