import type { OperationRules } from '../rule.js';

/** When the operations of a Cluster may be done. */
export const clusterRules: OperationRules<'Cluster'> = {
  className: 'Cluster',
  advertised: [],
  inputs: [],
  check: () => undefined,
};
