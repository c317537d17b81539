import { ApiError } from '../../../model/error.js';
import { rollingUpgrade } from '../../storage/pool-state.js';
import type { OperationOf, OperationRules } from '../rule.js';

/** Operations that do not fit a pool whose hosts run different versions. */
const NOT_DURING_UPGRADE: ReadonlySet<OperationOf<'Cluster'>> = new Set(['add', 'remove', 'destroy']);

/** When the operations of a Cluster may be done: one at a time. */
export const clusterRules: OperationRules<'Cluster'> = {
  className: 'Cluster',
  advertised: ['destroy', 'disable', 'enable', 'remove', 'add'],
  inputs: [],
  check: (db, ref, { current_operations }, operation) =>
    membershipBusy('Cluster', ref, current_operations) ??
    (NOT_DURING_UPGRADE.has(operation) && rollingUpgrade(db) ? new ApiError('NOT_SUPPORTED_DURING_UPGRADE') : undefined),
};

/** OTHER_OPERATION_IN_PROGRESS for a cluster or a member of one; several go in braces. */
export function membershipBusy(
  className: 'Cluster' | 'Cluster_host',
  ref: string,
  current: ReadonlyMap<string, string>,
): ApiError | undefined {
  if (!current.size) return undefined;
  const list = (items: string[]) => (items.length === 1 ? `${items[0]}` : `{${items.join(',')}}`);
  return new ApiError('OTHER_OPERATION_IN_PROGRESS', className, ref, list([...current.values()]), list([...current.keys()]));
}
