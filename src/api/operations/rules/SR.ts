import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Fields } from '../../../model/types.js';
import { driverFeatures } from '../../storage/driver-features.js';
import { rollingUpgrade } from '../../storage/pool-state.js';
import { inProgress } from '../operations.js';
import type { OperationOf, OperationRules } from '../rule.js';

type Operation = OperationOf<'SR'>;

/** Feature that the driver must have. vdi_clone needs none: a full copy stands in for it. */
const FEATURES: { readonly [O in Operation]?: string } = {
  vdi_create: 'VDI_CREATE',
  vdi_destroy: 'VDI_DELETE',
  vdi_resize: 'VDI_RESIZE',
  vdi_introduce: 'VDI_INTRODUCE',
  vdi_mirror: 'VDI_MIRROR',
  vdi_enable_cbt: 'VDI_CONFIG_CBT',
  vdi_disable_cbt: 'VDI_CONFIG_CBT',
  vdi_data_destroy: 'VDI_CONFIG_CBT',
  vdi_list_changed_blocks: 'VDI_CONFIG_CBT',
  vdi_set_on_boot: 'VDI_RESET_ON_BOOT',
  update: 'SR_UPDATE',
  vdi_revert: 'VDI_REVERT',
  vdi_snapshot: 'VDI_SNAPSHOT',
};

/** Operations that hosts of an older version do not know. */
const NEWER: ReadonlySet<Operation> = new Set([
  'vdi_mirror',
  'vdi_enable_cbt',
  'vdi_disable_cbt',
  'vdi_data_destroy',
  'vdi_list_changed_blocks',
  'vdi_set_on_boot',
  'vdi_revert',
]);

/** Nobody makes or destroys disks where the guest drivers are. */
const NOT_ON_TOOLS_SR: ReadonlySet<Operation> = new Set(['vdi_create', 'vdi_destroy']);

function featureRefusal(db: Database, ref: string, sr: Fields<'SR'>, operation: Operation): ApiError | undefined {
  const feature = FEATURES[operation];
  if (feature === undefined) return undefined;
  const there = driverFeatures(db, sr.type).has(feature) && !(sr.is_tools_sr && NOT_ON_TOOLS_SR.has(operation));
  return there ? undefined : new ApiError('SR_OPERATION_NOT_SUPPORTED', ref);
}

/** Why an SR cannot be given up. */
function removalRefusal(db: Database, ref: string, sr: Fields<'SR'>, operation: Operation): ApiError | undefined {
  if (operation !== 'destroy' && operation !== 'forget') return undefined;
  if (sr.PBDs.some((pbd) => db.find('PBD', pbd)?.fields.currently_attached)) return new ApiError('SR_HAS_PBD', ref);
  if (operation === 'forget') return undefined;
  if (!sr.PBDs.length) return new ApiError('SR_HAS_NO_PBDS', ref);
  const holdsDisks = sr.VDIs.some((vdi) => {
    const fields = db.find('VDI', vdi)?.fields;
    return fields?.managed && fields.type !== 'rrd';
  });
  return holdsDisks ? new ApiError('SR_NOT_EMPTY') : undefined;
}

/** One thing at a time, only that several hosts may attach the SR at once. */
function parallelRefusal(ref: string, sr: Fields<'SR'>, operation: Operation): ApiError | undefined {
  for (const [task, current] of sr.current_operations)
    if (operation !== 'plug' || current !== 'plug') return inProgress('SR', ref, operationName(current), task);
  return undefined;
}

/** The name under which an error tells of an operation: that of the call that takes it. */
function operationName(operation: Operation): string {
  return operation.replace(/^(vdi|pbd)_/, (_, className: string) => `${className.toUpperCase()}.`);
}

/** When the operations of a SR may be done. */
export const srRules: OperationRules<'SR'> = {
  className: 'SR',
  advertised: [
    'scan',
    'destroy',
    'forget',
    'plug',
    'unplug',
    'update',
    'vdi_create',
    'vdi_introduce',
    'vdi_destroy',
    'vdi_resize',
    'vdi_clone',
    'vdi_snapshot',
    'vdi_mirror',
    'vdi_enable_cbt',
    'vdi_disable_cbt',
    'vdi_data_destroy',
    'vdi_list_changed_blocks',
    'vdi_set_on_boot',
    'vdi_revert',
    'pbd_create',
    'pbd_destroy',
  ],
  inputs: ['type', 'is_tools_sr', 'PBDs', 'VDIs'],
  check: (db, ref, sr, operation) => {
    if (NEWER.has(operation) && rollingUpgrade(db)) return new ApiError('NOT_SUPPORTED_DURING_UPGRADE');
    return (
      featureRefusal(db, ref, sr, operation) ?? removalRefusal(db, ref, sr, operation) ?? parallelRefusal(ref, sr, operation)
    );
  },
};
