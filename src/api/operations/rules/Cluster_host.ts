import type { OperationRules } from '../rule.js';

/** When the operations of a Cluster_host may be done. */
export const clusterHostRules: OperationRules<'Cluster_host'> = {
  className: 'Cluster_host',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
