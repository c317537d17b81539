import { ApiError } from '../../../model/error.js';
import type { OperationRules } from '../rule.js';
import { membershipBusy } from './Cluster.js';

/** When the operations of a Cluster_host may be done: one at a time, and none before the host has joined. */
export const clusterHostRules: OperationRules<'Cluster_host'> = {
  className: 'Cluster_host',
  advertised: ['disable', 'enable'],
  inputs: ['joined'],
  check: (_db, ref, { current_operations, joined }, operation) =>
    membershipBusy('Cluster_host', ref, current_operations) ??
    (operation !== 'destroy' && !joined ? new ApiError('CLUSTER_HOST_NOT_JOINED', ref) : undefined),
};
