import { enums } from '../../../../../schema/enums.js';
import type { EnumValue, Fields } from '../../../../model/types.js';

export type VmOperation = EnumValue<'vm_operations'>;
export type PowerState = EnumValue<'vm_power_state'>;
export type VmFields = Fields<'VM'>;

/** On what kind of VM an operation may be done, and in which states. */
export interface OperationFacts {
  /** In the order in which an error lists them. */
  readonly states: readonly PowerState[];
  /** A further state: on a control domain, or where a suspended VM may be copied. */
  readonly also?: 'Running on a control domain' | 'Suspended where it may be copied';
  readonly onTemplate?: boolean | 'unless it is a default one';
  readonly onSnapshot?: boolean;
  readonly onControlDomain?: boolean;
  readonly duringUpgrade?: boolean;
  /** Not listed in allowed_operations. */
  readonly unlisted?: boolean;
}

const HALTED: readonly PowerState[] = ['Halted'];
const RUNNING: readonly PowerState[] = ['Running'];
const SUSPENDED: readonly PowerState[] = ['Suspended'];
const NOT_LIVE: readonly PowerState[] = ['Halted', 'Suspended'];
const NOT_HALTED: readonly PowerState[] = ['Paused', 'Suspended', 'Running'];
const ANY: readonly PowerState[] = ['Halted', 'Paused', 'Suspended', 'Running'];

/** Every operation of a VM. */
export const operationFacts: Readonly<Record<VmOperation, OperationFacts>> = {
  snapshot: { states: ANY },
  clone: {
    states: HALTED,
    also: 'Suspended where it may be copied',
    onTemplate: true,
    onSnapshot: true,
    duringUpgrade: true,
  },
  copy: {
    states: HALTED,
    also: 'Suspended where it may be copied',
    onTemplate: true,
    onSnapshot: true,
    duringUpgrade: true,
  },
  create_template: { states: NOT_LIVE, unlisted: true },
  revert: { states: ANY, onSnapshot: true },
  checkpoint: { states: NOT_HALTED },
  snapshot_with_quiesce: { states: RUNNING },
  provision: { states: HALTED, onTemplate: true, duringUpgrade: true },
  start: { states: HALTED, onControlDomain: true, duringUpgrade: true },
  start_on: { states: HALTED, onControlDomain: true, duringUpgrade: true },
  pause: { states: RUNNING, duringUpgrade: true },
  unpause: { states: ['Paused'], duringUpgrade: true },
  clean_shutdown: { states: RUNNING, duringUpgrade: true },
  clean_reboot: { states: RUNNING, duringUpgrade: true },
  hard_shutdown: { states: NOT_HALTED, onSnapshot: true, duringUpgrade: true },
  power_state_reset: { states: ANY, duringUpgrade: true, unlisted: true },
  hard_reboot: { states: ['Paused', 'Running'], duringUpgrade: true },
  suspend: { states: RUNNING, duringUpgrade: true },
  csvm: { states: SUSPENDED, duringUpgrade: true, unlisted: true },
  resume: { states: SUSPENDED, duringUpgrade: true },
  resume_on: { states: SUSPENDED, duringUpgrade: true },
  pool_migrate: { states: RUNNING, duringUpgrade: true },
  migrate_send: {
    states: ['Halted', 'Suspended', 'Running'],
    onTemplate: 'unless it is a default one',
    duringUpgrade: true,
  },
  get_boot_record: { states: NOT_HALTED, duringUpgrade: true, unlisted: true },
  send_sysrq: { states: RUNNING, duringUpgrade: true, unlisted: true },
  send_trigger: { states: RUNNING, duringUpgrade: true, unlisted: true },
  query_services: { states: ANY, unlisted: true },
  shutdown: { states: NOT_HALTED, unlisted: true },
  call_plugin: { states: RUNNING, unlisted: true },
  changing_memory_live: { states: RUNNING, onControlDomain: true, duringUpgrade: true, unlisted: true },
  awaiting_memory_live: { states: RUNNING, onControlDomain: true, unlisted: true },
  changing_dynamic_range: { states: ['Halted', 'Running'], onTemplate: true, onControlDomain: true },
  changing_static_range: {
    states: HALTED,
    also: 'Running on a control domain',
    onTemplate: true,
    onControlDomain: true,
  },
  changing_memory_limits: {
    states: HALTED,
    also: 'Running on a control domain',
    onTemplate: true,
    onControlDomain: true,
    unlisted: true,
  },
  changing_shadow_memory: { states: HALTED, onTemplate: true },
  changing_shadow_memory_live: { states: RUNNING, duringUpgrade: true, unlisted: true },
  changing_VCPUs: {
    states: HALTED,
    also: 'Running on a control domain',
    onTemplate: true,
    onControlDomain: true,
    unlisted: true,
  },
  changing_VCPUs_live: { states: RUNNING, duringUpgrade: true },
  changing_NVRAM: { states: HALTED, onTemplate: true },
  assert_operation_valid: { states: ANY, duringUpgrade: true, unlisted: true },
  data_source_op: { states: RUNNING, onControlDomain: true, unlisted: true },
  update_allowed_operations: { states: ANY, duringUpgrade: true, unlisted: true },
  make_into_template: { states: HALTED, duringUpgrade: true },
  import: { states: [], duringUpgrade: true, unlisted: true },
  export: { states: NOT_LIVE, onTemplate: true, onSnapshot: true, duringUpgrade: true },
  metadata_export: { states: ANY, onTemplate: true, onSnapshot: true, onControlDomain: true },
  reverting: { states: ANY, unlisted: true },
  destroy: {
    states: NOT_LIVE,
    onTemplate: 'unless it is a default one',
    onSnapshot: true,
    onControlDomain: true,
    duringUpgrade: true,
  },
  create_vtpm: { states: HALTED },
  sysprep: { states: RUNNING },
};

/** What allowed_operations may list. The original lists the latest of its operations first, and so do we. */
export const listedOperations: readonly VmOperation[] = enums.vm_operations
  .filter((op) => !operationFacts[op].unlisted)
  .reverse();

/** Errors of the original name some operations in a way of their own, and some not at all. */
const NAMES: { readonly [O in VmOperation]?: string } = {
  assert_operation_valid: 'assertoperationvalid',
  data_source_op: 'data_sources_op',
  changing_VCPUs: '(unknown operation)',
  changing_memory_limits: '(unknown operation)',
  create_template: '(unknown operation)',
  query_services: '(unknown operation)',
};

/** The operation as errors name it. */
export function nameInErrors(operation: VmOperation): string {
  return NAMES[operation] ?? operation;
}
