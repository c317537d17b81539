import type { Database } from '../../../../db/database.js';
import { ApiError } from '../../../../model/error.js';
import { isNullRef } from '../../../../model/ref.js';
import { attachmentRefusal } from './attachments.js';
import { mayJoin, vmInProgress } from './concurrency.js';
import { nameInErrors, type OperationFacts, operationFacts, type PowerState, type VmFields, type VmOperation } from './facts.js';
import { canQuiesce, guestRefusal } from './guest.js';

/** Makes the error of a refusal: most of the time only the fact counts, and an error with its stack is dear. */
export type Refusal = () => ApiError;

const MOVING: ReadonlySet<VmOperation> = new Set(['suspend', 'checkpoint', 'pool_migrate', 'migrate_send']);

/**
 * Why an operation cannot be done on a VM now: the first reason in the original's order. `strict` also asks whether the
 * guest would help and whether the VM may move; all but a forced migration do.
 */
export function vmRefusal(db: Database, ref: string, vm: VmFields, op: VmOperation, strict: boolean): Refusal | undefined {
  const facts = operationFacts[op];
  const blocked = vm.blocked_operations.get(op);
  if (blocked !== undefined) return () => new ApiError('OPERATION_BLOCKED', ref, blocked);
  if (!facts.states.includes(vm.power_state) && !states(db, vm, facts).includes(vm.power_state))
    return () => badPowerState(ref, states(db, vm, facts), vm.power_state);
  if (vm.current_operations.size && !mayJoin(op, vm.current_operations)) return () => vmInProgress(ref, vm.current_operations);
  return (
    kindRefusal(ref, vm, op, facts) ??
    mobilityRefusal(db, ref, vm, op, strict) ??
    controlDomainRefusal(db, ref, vm, op, facts) ??
    worldRefusal(db, ref, vm, op, facts, strict)
  );
}

/** VM_BAD_POWER_STATE, its states in small letters as the original writes them. */
export function badPowerState(ref: string, expected: readonly PowerState[], actual: PowerState, separator = ', '): ApiError {
  return new ApiError('VM_BAD_POWER_STATE', ref, expected.join(separator).toLowerCase(), actual.toLowerCase());
}

function states(db: Database, vm: VmFields, { states, also }: OperationFacts): readonly PowerState[] {
  if (also === 'Running on a control domain') return vm.is_control_domain ? [...states, 'Running'] : states;
  if (also === 'Suspended where it may be copied')
    return vm.is_a_snapshot || poolSetting(db, 'allow_clone_suspended_vm') === 'true' ? [...states, 'Suspended'] : states;
  return states;
}

function poolSetting(db: Database, key: string): string | undefined {
  for (const [, pool] of db.all('pool')) return pool.other_config.get(key);
  return undefined;
}

/** What templates, snapshots and plain VMs are for. */
function kindRefusal(ref: string, vm: VmFields, op: VmOperation, facts: OperationFacts): Refusal | undefined {
  if (vm.is_a_snapshot) {
    if (!facts.onSnapshot) return () => new ApiError('VM_IS_SNAPSHOT', ref, nameInErrors(op));
  } else if (vm.is_a_template) {
    const fits = facts.onTemplate === 'unless it is a default one' ? !isDefaultTemplate(vm) : facts.onTemplate;
    if (!fits) return () => new ApiError('VM_IS_TEMPLATE', ref, nameInErrors(op));
  }
  if (op === 'provision' && !vm.is_a_template) return () => new ApiError('PROVISION_ONLY_ALLOWED_ON_TEMPLATE');
  if (op === 'revert' && !vm.is_a_snapshot) return () => new ApiError('REVERT_ONLY_ALLOWED_ON_SNAPSHOT');
  return undefined;
}

function isDefaultTemplate(vm: VmFields): boolean {
  return vm.is_default_template || isTrue(vm.other_config.get('default_template'));
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && (text === '1' || text.toLowerCase() === 'true');
}

/** Whether the guest runs guests of its own: as it was booted, or as it would be. */
export function hasNestedVirtualisation(db: Database, vm: VmFields): boolean {
  return db.find('VM_metrics', vm.metrics)?.fields.nested_virt ?? isTrue(vm.platform.get('nested-virt'));
}

function mobilityRefusal(db: Database, ref: string, vm: VmFields, op: VmOperation, strict: boolean): Refusal | undefined {
  if (!strict) return undefined;
  if (MOVING.has(op)) {
    const pinned = db.find('VM_metrics', vm.metrics)?.fields.nomigrate ?? isTrue(vm.platform.get('nomigrate'));
    if (pinned || hasNestedVirtualisation(db, vm)) return () => new ApiError('VM_IS_IMMOBILE', ref);
  }
  if (op === 'changing_dynamic_range' && hasNestedVirtualisation(db, vm))
    return () => new ApiError('VM_IS_USING_NESTED_VIRT', ref);
  return undefined;
}

/** Whether a VM is the control domain of the host that it is on, not a driver domain beside it. */
export function isDomainZero(db: Database, ref: string, vm: VmFields): boolean {
  return vm.is_control_domain && db.find('host', vm.resident_on)?.fields.control_domain === ref;
}

function controlDomainRefusal(
  db: Database,
  ref: string,
  vm: VmFields,
  op: VmOperation,
  facts: OperationFacts,
): Refusal | undefined {
  if (!vm.is_control_domain) return undefined;
  if ((op === 'changing_VCPUs' || op === 'destroy') && isDomainZero(db, ref, vm))
    return () => new ApiError('OPERATION_NOT_ALLOWED', 'not possible with the control domain of a host');
  if (!facts.onControlDomain) return () => new ApiError('OPERATION_NOT_ALLOWED', 'not possible with a control domain');
  return undefined;
}

/** What hangs on the guest, on devices and on objects that the VM belongs to. */
function worldRefusal(
  db: Database,
  ref: string,
  vm: VmFields,
  op: VmOperation,
  facts: OperationFacts,
  strict: boolean,
): Refusal | undefined {
  const guest = guestRefusal(db, vm, op, strict);
  if (guest) {
    const [code, ...params] = guest;
    return () => new ApiError(code, ref, ...params);
  }
  if (op === 'snapshot_with_quiesce' && !canQuiesce(db, vm))
    return () => new ApiError('VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED', ref);
  const attached = attachmentRefusal(db, vm, op);
  if (attached)
    return () =>
      attached === 'VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION' ? new ApiError(attached) : new ApiError(attached, ref);
  if (op === 'make_into_template') return membershipRefusal(db, ref, vm) ?? upgradeRefusal(db, facts);
  if (op === 'query_services' && !isTrue(vm.other_config.get('is_system_domain')))
    return () => new ApiError('NOT_SYSTEM_DOMAIN', ref);
  const upgrade = upgradeRefusal(db, facts);
  if (upgrade) return upgrade;
  if (op === 'create_vtpm' && vm.VTPMs.length) return () => new ApiError('VTPM_MAX_AMOUNT_REACHED', String(vm.VTPMs.length));
  return undefined;
}

/** A VM that something else starts or saves by plan cannot become a template. */
function membershipRefusal(db: Database, ref: string, vm: VmFields): Refusal | undefined {
  const { appliance, protection_policy: policy, snapshot_schedule: schedule } = vm;
  if (!isNullRef(appliance) && db.exists('VM_appliance', appliance))
    return () => new ApiError('VM_IS_PART_OF_AN_APPLIANCE', ref, appliance);
  if (!isNullRef(policy) && db.exists('VMPP', policy)) return () => new ApiError('VM_ASSIGNED_TO_PROTECTION_POLICY', ref, policy);
  if (!isNullRef(schedule) && db.exists('VMSS', schedule))
    return () => new ApiError('VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE', ref, schedule);
  return undefined;
}

function upgradeRefusal(db: Database, facts: OperationFacts): Refusal | undefined {
  if (facts.duringUpgrade || poolSetting(db, 'rolling_upgrade_in_progress') === undefined) return undefined;
  return () => new ApiError('NOT_SUPPORTED_DURING_UPGRADE');
}
