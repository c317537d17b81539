import { enums } from '../../../../schema/enums.js';
import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { EnumValue, Fields } from '../../../model/types.js';
import { isLive } from '../../reach.js';
import { inProgress } from '../operations.js';
import type { Influence, OperationRules } from '../rule.js';

type Operation = EnumValue<'host_allowed_operations'>;

/** Work that brings VMs onto a host, and work that takes them off: never both at a time. */
const BRINGS_VMS: ReadonlySet<Operation> = new Set(['provision', 'vm_resume', 'vm_migrate']);
const TAKES_VMS: ReadonlySet<Operation> = new Set(['evacuate', 'reboot', 'shutdown']);

/** What one at a time excludes, beyond the two groups above. */
const EXCLUDES: readonly (readonly [Operation, readonly Operation[]])[] = [
  ['reboot', ['shutdown', 'apply_updates']],
  ['shutdown', ['reboot', 'apply_updates']],
  ['apply_updates', ['reboot', 'shutdown', 'enable']],
  ['provision', ['provision']],
];

const NEEDS_DISABLED: ReadonlySet<Operation> = new Set(['reboot', 'shutdown', 'apply_updates']);

/** How the error names operations that belong to a VM. */
const NAMES: { readonly [O in Operation]?: string } = { vm_start: 'VM.start', vm_resume: 'VM.resume', vm_migrate: 'VM.migrate' };

function conflict(ref: string, current: ReadonlyMap<string, Operation>, operation: Operation): ApiError | undefined {
  const busy = (fits: (running: Operation) => boolean): ApiError | undefined => {
    for (const [task, running] of current) if (fits(running)) return inProgress('host', ref, NAMES[running] ?? running, task);
    return undefined;
  };
  if (BRINGS_VMS.has(operation)) {
    const error = busy((running) => TAKES_VMS.has(running));
    if (error) return error;
  }
  if (TAKES_VMS.has(operation)) {
    const error = busy((running) => BRINGS_VMS.has(running));
    if (error) return error;
  }
  for (const [first, excluded] of EXCLUDES) {
    const error = excluded.includes(operation) ? busy((running) => running === first) : undefined;
    if (error) return error;
  }
  return undefined;
}

function degradedSr(db: Database): string | undefined {
  if (db.table('Cluster').rows.size === 0) return undefined;
  let somebodyDown = false;
  for (const [host] of db.all('host')) if (!isLive(db, host)) somebodyDown = true;
  if (!somebodyDown) return undefined;
  for (const [ref, sr] of db.all('SR'))
    if (sr.clustered && sr.PBDs.some((pbd) => db.find('PBD', pbd)?.fields.currently_attached)) return ref;
  return undefined;
}

function check(db: Database, ref: string, fields: Fields<'host'>, operation: Operation): ApiError | undefined {
  const error = conflict(ref, fields.current_operations, operation);
  if (error) return error;
  if (fields.enabled && NEEDS_DISABLED.has(operation)) return new ApiError('HOST_NOT_DISABLED');
  if (operation === 'power_on') {
    if (isLive(db, ref)) return new ApiError('HOST_IS_LIVE', ref);
    if (fields.power_on_mode === '') return new ApiError('HOST_POWER_ON_MODE_DISABLED');
  }
  if (NEEDS_DISABLED.has(operation)) {
    const sr = degradedSr(db);
    if (sr) return new ApiError('CLUSTERED_SR_DEGRADED', sr);
  }
  return undefined;
}

/** When the operations of a host may be done. */
export const hostRules: OperationRules<'host'> = {
  className: 'host',
  advertised: enums.host_allowed_operations,
  inputs: ['enabled', 'metrics', 'power_on_mode'],
  check,
};

/** A host that comes up or goes down changes what may be done with it. */
export const hostMetricsInfluence: Influence<'host_metrics'> = {
  className: 'host_metrics',
  inputs: ['live'],
  *dependents(db, ref) {
    for (const [host, { metrics }] of db.all('host')) if (metrics === ref) yield ['host', host];
  },
};
