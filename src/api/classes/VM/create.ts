import { v4 } from 'uuid';
import { classModel } from '../../../model/class-model.js';
import { isNullRef, NULL_REF, newRef, type Ref } from '../../../model/ref.js';
import type { ConstructorArguments } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { badPowerState } from '../../operations/rules/VM/refusal.js';
import { domainType } from '../../world/domain-records.js';
import { memoryOverhead } from './memory-overhead.js';

/** Version of the virtual hardware that has the device for Windows drivers. */
const VENDOR_DEVICE_HARDWARE = 2;

/** What VM_metrics of a VM hold that never ran: one virtual CPU without load, as old clients expect. */
const UNUSED: ReadonlyMap<number, number> = new Map([[0, 0]]);

/**
 * Makes a VM or template. Little is checked here: sizes and numbers that make no sense are refused at the start, as the
 * original does. A VM can be made suspended where its saved memory is given. `uuid` is for one that was there before.
 */
export function createVm(
  { api }: Pick<Call, 'api'>,
  given: ConstructorArguments<'VM'>,
  uuid?: string,
  vm: Ref<'VM'> = newRef(),
): Ref<'VM'> {
  const { db } = api;
  const suspended = given.power_state === 'Suspended';
  if (suspended && (given.last_boot_CPU_flags.size === 0 || given.last_booted_record === '' || isNullRef(given.suspend_VDI)))
    throw badPowerState(vm, ['Halted'], given.power_state);
  const fields = {
    ...settingsOf(given),
    domain_type: domainType(given),
    other_config: withMacSeed(given.other_config),
    hardware_platform_version: requiredHardware(given),
    domid: -1,
  };
  return db.transaction(() => {
    const metrics = db.create('VM_metrics', {
      VCPUs_utilisation: UNUSED,
      current_domain_type: suspended ? given.domain_type : 'unspecified',
    });
    const state = suspended ? {} : NEVER_RAN;
    const made = { ...fields, ...state, ...UNGIVEN, metrics, memory_overhead: memoryOverhead(fields) };
    return db.create('VM', { ...made, ...(uuid !== undefined && { uuid }) }, vm);
  });
}

/** What a constructor takes, out of what may be a whole record. */
function settingsOf(given: ConstructorArguments<'VM'>): ConstructorArguments<'VM'> {
  const values = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    classModel('VM').constructorFields.map(({ name }) => [name, values[name]]),
  ) as ConstructorArguments<'VM'>;
}

/** A constructor may say otherwise, but only of a suspended VM. */
const NEVER_RAN = {
  power_state: 'Halted',
  suspend_VDI: NULL_REF,
  last_booted_record: '',
  last_boot_CPU_flags: new Map<string, string>(),
} as const;

/** Fields that the constructor takes and that have messages of their own to set them. */
const UNGIVEN = {
  blocked_operations: new Map(),
  protection_policy: NULL_REF,
  is_snapshot_from_vmpp: false,
  snapshot_schedule: NULL_REF,
  is_vmss_snapshot: false,
} as const;

/** The virtual hardware that a VM needs at least. */
export function requiredHardware(vm: { has_vendor_device: boolean; hardware_platform_version: number }): number {
  return Math.max(vm.hardware_platform_version, vm.has_vendor_device ? VENDOR_DEVICE_HARDWARE : 0);
}

/** MAC addresses that nobody gave follow from this seed and the device's number. */
export function withMacSeed(otherConfig: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return otherConfig.has('mac_seed') ? otherConfig : new Map([['mac_seed', v4()], ...otherConfig]);
}
