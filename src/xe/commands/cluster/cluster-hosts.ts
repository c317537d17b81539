import type { Command } from '../../command.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Members of clusters. */
export const clusterHostCommands: readonly Command[] = [
  {
    name: 'cluster-host-create',
    required: ['cluster-uuid', 'host-uuid', 'pif-uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Brings a host into a cluster, through an interface of it, and prints a uuid.',
    async run(context) {
      const cluster = refOf(context, 'Cluster', 'cluster-uuid');
      const host = refOf(context, 'host', 'host-uuid');
      const pif = refOf(context, 'PIF', 'pif-uuid');
      printUuid(context, 'Cluster_host', await context.api.call('Cluster_host', 'create', cluster, host, pif));
    },
  },
  {
    name: 'cluster-host-enable',
    required: ['uuid'],
    optional: [],
    description: 'Has a host take part in its cluster again.',
    run: onUuid('Cluster_host', 'enable'),
  },
  {
    name: 'cluster-host-disable',
    required: ['uuid'],
    optional: [],
    description: 'Has a host rest from its cluster, of which it remains a member.',
    run: onUuid('Cluster_host', 'disable'),
  },
  {
    name: 'cluster-host-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a host out of its cluster.',
    run: onUuid('Cluster_host', 'destroy'),
  },
  {
    name: 'cluster-host-force-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a host out of its cluster, whether it answers or not.',
    run: onUuid('Cluster_host', 'force_destroy'),
  },
];
