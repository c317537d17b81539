import { enums } from '../../../../schema/enums.js';
import type { Database } from '../../../db/database.js';
import { ApiError, type ErrorCode } from '../../../model/error.js';
import type { EnumValue, Fields } from '../../../model/types.js';
import type { OperationRules } from '../rule.js';

type Operation = EnumValue<'pool_allowed_operations'>;

/** Operations that refuse each other, in the order in which the reason is looked for. All others wait for each other. */
const REFUSALS: ReadonlyMap<Operation, ErrorCode> = new Map([
  ['ha_enable', 'HA_ENABLE_IN_PROGRESS'],
  ['ha_disable', 'HA_DISABLE_IN_PROGRESS'],
  ['cluster_create', 'CLUSTER_CREATE_IN_PROGRESS'],
  ['designate_new_master', 'DESIGNATE_NEW_MASTER_IN_PROGRESS'],
  ['tls_verification_enable', 'TLS_VERIFICATION_ENABLE_IN_PROGRESS'],
  ['configure_repositories', 'CONFIGURE_REPOSITORIES_IN_PROGRESS'],
  ['sync_updates', 'SYNC_UPDATES_IN_PROGRESS'],
  ['sync_bundle', 'SYNC_BUNDLE_IN_PROGRESS'],
  ['apply_updates', 'APPLY_UPDATES_IN_PROGRESS'],
]);

function busy(ref: string, current: ReadonlyMap<string, Operation>, operation: Operation): ApiError | undefined {
  if (current.size === 0) return undefined;
  const running = new Set(current.values());
  const waiting = [...current].find(([, op]) => !REFUSALS.has(op));
  const wait = () => new ApiError('OTHER_OPERATION_IN_PROGRESS', 'pool', ref, ...(waiting ? [waiting[1], waiting[0]] : []));
  for (const [blocking, code] of REFUSALS)
    if (running.has(blocking)) return REFUSALS.has(operation) ? new ApiError(code) : wait();
  return wait();
}

function check(
  db: Database,
  ref: string,
  fields: Fields<'pool'>,
  operation: Operation,
  aboutToRun: boolean,
): ApiError | undefined {
  if (aboutToRun && fields.is_psr_pending) return new ApiError('POOL_SECRET_ROTATION_PENDING');
  const error = busy(ref, fields.current_operations, operation);
  if (error) return error;
  const upgrading = fields.other_config.has('rolling_upgrade_in_progress');
  switch (operation) {
    case 'ha_enable':
      return fields.ha_enabled ? new ApiError('HA_IS_ENABLED') : undefined;
    case 'ha_disable':
      return fields.ha_enabled ? undefined : new ApiError('HA_NOT_ENABLED');
    case 'tls_verification_enable':
      if (fields.ha_enabled) return new ApiError('HA_IS_ENABLED');
      return upgrading ? new ApiError('NOT_SUPPORTED_DURING_UPGRADE') : undefined;
    case 'cluster_create':
      if (upgrading) return new ApiError('NOT_SUPPORTED_DURING_UPGRADE');
      if (db.table('Cluster').rows.size > 0) return new ApiError('CLUSTER_ALREADY_EXISTS');
      return fields.ha_enabled ? new ApiError('INCOMPATIBLE_CLUSTER_STACK_ACTIVE', fields.ha_cluster_stack) : undefined;
    default:
      return undefined;
  }
}

/** When the operations of the pool may be done. */
export const poolRules: OperationRules<'pool'> = {
  className: 'pool',
  advertised: enums.pool_allowed_operations,
  inputs: ['ha_enabled', 'ha_cluster_stack', 'other_config'],
  check,
};
