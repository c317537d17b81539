import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import { isNullRef } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { driverFeatures } from '../../storage/driver-features.js';
import { changingHa, poolOf, rollingUpgrade } from '../../storage/pool-state.js';
import { inProgress } from '../operations.js';
import type { OperationOf, OperationRules } from '../rule.js';
import { CARRIED_OUT, type Operation } from './VDI-operations.js';

/** A VDI with what surrounds it, looked up once for all checks of one operation. */
interface Situation {
  readonly db: Database;
  readonly ref: string;
  readonly vdi: Fields<'VDI'>;
  readonly sr: Fields<'SR'> | undefined;
  readonly vbds: readonly Fields<'VBD'>[];
  readonly operation: Operation;
}

type Check = (situation: Situation) => ApiError | undefined;

const busy: Check = ({ ref, vdi, operation }) => {
  const current = [...vdi.current_operations];
  // A disk that moves is destroyed at its old place while the move still shows.
  if (operation === 'destroy' && current.some(([, name]) => name === 'mirror')) return undefined;
  const other = current.find(([, name]) => name !== 'copy');
  return other && inProgress('VDI', ref, other[1], other[0]);
};

const unplugged: Check = ({ db, vdi, sr, operation }) => {
  if (operation !== 'resize' || sr?.PBDs.some((pbd) => db.find('PBD', pbd)?.fields.currently_attached)) return undefined;
  return new ApiError('SR_HAS_NO_PBDS', vdi.SR);
};

const attached: Check = ({ db, ref, vbds, operation }) => {
  const active = vbds.filter((vbd) => vbd.currently_attached || vbd.reserved);
  const { whileAttached } = CARRIED_OUT[operation];
  const blocked =
    whileAttached === 'never'
      ? active.length > 0
      : whileAttached === 'readOnly'
        ? active.some((vbd) => vbd.mode === 'RW')
        : whileAttached === 'toSnapshots'
          ? active.some((vbd) => !db.find('VM', vbd.VM)?.fields.is_a_snapshot)
          : false;
  return blocked ? new ApiError('VDI_IN_USE', ref, operation) : undefined;
};

const driveBusy: Check = ({ ref, vbds, operation }) => {
  // data_destroy waits for the drives itself.
  if (operation === 'data_destroy') return undefined;
  for (const vbd of vbds) for (const [task, name] of vbd.current_operations) return inProgress('VDI', ref, name, task);
  return undefined;
};

const unsupported: Check = ({ db, vdi, sr, operation }) => {
  const { feature } = CARRIED_OUT[operation];
  if (feature === undefined || (sr && driverFeatures(db, sr.type).has(feature))) return undefined;
  return new ApiError('SR_OPERATION_NOT_SUPPORTED', vdi.SR);
};

const tracked: Check = ({ ref, vdi, operation }) => {
  const { onChangeRecord, whileTracked } = CARRIED_OUT[operation];
  if (!onChangeRecord && vdi.type === 'cbt_metadata') return new ApiError('VDI_INCOMPATIBLE_TYPE', ref, 'cbt_metadata');
  return !whileTracked && vdi.cbt_enabled ? new ApiError('VDI_CBT_ENABLED', ref) : undefined;
};

function forHa(vdi: Fields<'VDI'>): boolean {
  return vdi.type === 'ha_statefile' || vdi.type === 'redo_log';
}

const usedByHa: Check = ({ db, vdi }) => (forHa(vdi) && poolOf(db)?.ha_enabled ? new ApiError('HA_IS_ENABLED') : undefined);

const indestructible: Check = (situation) => {
  const { db, ref, vdi, sr } = situation;
  if (sr?.type === 'udev') return new ApiError('VDI_IS_A_PHYSICAL_DEVICE', ref);
  if (sr?.is_tools_sr) return new ApiError('SR_OPERATION_NOT_SUPPORTED', vdi.SR);
  if (vdi.type === 'rrd') return new ApiError('VDI_HAS_RRDS', ref);
  const refusal = usedByHa(situation);
  if (refusal || !forHa(vdi)) return refusal;
  if (changingHa(db, 'ha_enable')) return new ApiError('HA_ENABLE_IN_PROGRESS');
  return changingHa(db, 'ha_disable') ? new ApiError('HA_DISABLE_IN_PROGRESS') : undefined;
};

const untrackable: Check = ({ ref, vdi }) => {
  if (vdi.is_a_snapshot) return new ApiError('OPERATION_NOT_ALLOWED', `VDI is a snapshot: ${ref}`);
  if (vdi.type !== 'user' && vdi.type !== 'system') return new ApiError('VDI_INCOMPATIBLE_TYPE', ref, vdi.type);
  return resetAtBoot(vdi);
};

function resetAtBoot(vdi: Fields<'VDI'>): ApiError | undefined {
  return vdi.on_boot === 'reset' ? new ApiError('VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION') : undefined;
}

/** Checks of single operations, after those of all. */
const OWN: { readonly [O in Operation]?: Check } = {
  forget: (situation) =>
    usedByHa(situation) ?? (situation.vdi.type === 'rrd' ? new ApiError('VDI_HAS_RRDS', situation.ref) : undefined),
  destroy: indestructible,
  revert_from: indestructible,
  data_destroy: (situation) => {
    const { ref, vdi } = situation;
    if (!vdi.is_a_snapshot) return new ApiError('OPERATION_NOT_ALLOWED', `VDI is not a snapshot: ${ref}`);
    return vdi.cbt_enabled ? indestructible(situation) : new ApiError('VDI_NO_CBT_METADATA', ref);
  },
  resize: usedByHa,
  resize_online: usedByHa,
  snapshot: ({ ref, vdi }) => {
    if (vdi.sharable) return new ApiError('VDI_IS_SHARABLE', ref);
    const copied = [...vdi.current_operations.values()].includes('copy');
    return (
      resetAtBoot(vdi) ??
      (copied ? new ApiError('OPERATION_NOT_ALLOWED', 'Snapshot operation not allowed during copy.') : undefined)
    );
  },
  copy: ({ vdi }) =>
    resetAtBoot(vdi) ??
    (forHa(vdi)
      ? new ApiError('OPERATION_NOT_ALLOWED', 'A VDI that holds the HA statefile or the redo log cannot be copied')
      : undefined),
  enable_cbt: untrackable,
  disable_cbt: untrackable,
  // Others may read a disk together, but not while it is written to.
  blocked: ({ ref, vdi }) => {
    const [copying] = vdi.current_operations;
    return copying && inProgress('VDI', ref, copying[1], copying[0]);
  },
  revert_to: ({ vdi }) => (vdi.is_a_snapshot ? undefined : new ApiError('REVERT_ONLY_ALLOWED_ON_SNAPSHOT')),
};

const CHECKS: readonly Check[] = [
  ({ db, operation }) =>
    CARRIED_OUT[operation].newer && rollingUpgrade(db) ? new ApiError('NOT_SUPPORTED_DURING_UPGRADE') : undefined,
  busy,
  unplugged,
  attached,
  driveBusy,
  unsupported,
  tracked,
  (situation) => OWN[situation.operation]?.(situation),
];

/** When the operations of a VDI may be done. */
export const vdiRules: OperationRules<'VDI'> = {
  className: 'VDI',
  // Older clients and hosts choke on the names that came later.
  advertised: ['clone', 'copy', 'resize', 'resize_online', 'snapshot', 'destroy', 'forget', 'update', 'generate_config'],
  inputs: ['SR', 'VBDs', 'type', 'sharable', 'managed', 'is_a_snapshot', 'on_boot', 'cbt_enabled'],
  check: (db, ref, vdi, operation: OperationOf<'VDI'>) => {
    const vbds: Fields<'VBD'>[] = [];
    for (const vbd of vdi.VBDs) {
      const fields = db.find('VBD', vbd)?.fields;
      if (fields) vbds.push(fields);
    }
    const situation: Situation = { db, ref, vdi, vbds, operation, sr: db.find('SR', vdi.SR)?.fields };
    for (const check of CHECKS) {
      const reason = check(situation);
      if (reason) return reason;
    }
    return undefined;
  },
  *dependents(_db, _ref, vdi) {
    if (!isNullRef(vdi.SR)) yield ['SR', vdi.SR];
    for (const vbd of vdi.VBDs) yield ['VBD', vbd];
  },
};
