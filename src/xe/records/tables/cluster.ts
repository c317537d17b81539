import type { ClassTable } from '../row.js';

/** Fields of `cluster`. */
export const cluster: ClassTable<'Cluster'> = {
  name: 'cluster',
  of: 'Cluster',
  shown: [
    'uuid',
    'cluster-hosts',
    'cluster-token',
    'cluster-stack',
    'allowed-operations',
    'current-operations',
    'pool-auto-join',
    'cluster-config',
    'other-config',
  ],
  rows: [
    { name: 'uuid' },
    { name: 'cluster-hosts' },
    { name: 'cluster-token' },
    { name: 'cluster-stack' },
    { name: 'cluster-stack-version' },
    { name: 'token-timeout' },
    { name: 'token-timeout-coefficient' },
    { name: 'pending-forget', hidden: true },
    { name: 'allowed-operations' },
    { name: 'current-operations' },
    { name: 'pool-auto-join' },
    { name: 'cluster-config' },
    { name: 'other-config', add: true },
    { name: 'is-quorate' },
    { name: 'quorum' },
    { name: 'live-hosts' },
    { name: 'expected-hosts' },
  ],
};

/** Fields of `cluster-host`. */
export const clusterHost: ClassTable<'Cluster_host'> = {
  name: 'cluster-host',
  of: 'Cluster_host',
  shown: ['uuid', 'cluster', 'host', 'enabled', 'allowed-operations', 'current-operations', 'other-config'],
  rows: [
    { name: 'uuid' },
    { name: 'cluster' },
    { name: 'PIF' },
    { name: 'host' },
    { name: 'enabled' },
    { name: 'joined' },
    { name: 'live' },
    { name: 'last-update-live' },
    { name: 'allowed-operations' },
    { name: 'current-operations' },
    { name: 'other-config' },
  ],
};
