import type { DomainSpec } from '../../host/compute.js';
import type { Fields } from '../../model/types.js';

/** Fields of a VM that follow from what its domain consists of, devices aside. */
export type DomainFields = Pick<
  Fields<'VM'>,
  | 'name_label'
  | 'name_description'
  | 'VCPUs_max'
  | 'VCPUs_at_startup'
  | 'VCPUs_params'
  | 'memory_static_max'
  | 'memory_dynamic_max'
  | 'memory_dynamic_min'
  | 'domain_type'
  | 'HVM_boot_policy'
  | 'HVM_boot_params'
  | 'PV_bootloader'
  | 'PV_bootloader_args'
  | 'PV_kernel'
  | 'PV_ramdisk'
  | 'PV_args'
  | 'platform'
  | 'actions_after_shutdown'
  | 'actions_after_reboot'
  | 'actions_after_crash'
>;

type Domain = Pick<DomainSpec, 'name' | 'description' | 'vcpus' | 'memory' | 'boot' | 'platform' | 'after'>;

/** What a domain on a host means for the fields of its VM. */
export function domainFields({ name, description, vcpus, memory, boot, platform, after }: Domain): DomainFields {
  const pv = boot.kind === 'pv' ? boot : undefined;
  return {
    name_label: name,
    name_description: description,
    VCPUs_max: vcpus.max,
    VCPUs_at_startup: vcpus.online,
    VCPUs_params: vcpus.params,
    memory_static_max: memory.staticMax,
    memory_dynamic_max: memory.dynamicMax,
    memory_dynamic_min: memory.dynamicMin,
    domain_type: pv ? 'pv' : 'hvm',
    HVM_boot_policy: pv ? '' : 'BIOS order',
    HVM_boot_params: boot.kind === 'hvm' ? boot.params : new Map(),
    PV_bootloader: pv?.bootloader ?? '',
    PV_bootloader_args: pv?.bootloaderArgs ?? '',
    PV_kernel: pv?.kernel ?? '',
    PV_ramdisk: pv?.ramdisk ?? '',
    PV_args: pv?.args ?? '',
    platform,
    actions_after_shutdown: oneOf(['destroy', 'restart'], after.shutdown, 'destroy'),
    actions_after_reboot: oneOf(['destroy', 'restart'], after.reboot, 'restart'),
    actions_after_crash: oneOf(
      ['destroy', 'coredump_and_destroy', 'restart', 'coredump_and_restart', 'preserve', 'rename_restart'],
      after.crash,
      'restart',
    ),
  };
}

/** Fields in which a domain is no longer what it was: those that somebody changed on the host. */
export function changedFields(before: Domain, now: Domain): Partial<DomainFields> {
  const [old, fresh] = [domainFields(before), domainFields(now)];
  const changed = Object.keys(fresh).filter((key) => {
    const name = key as keyof DomainFields;
    return !isSame(old[name], fresh[name]);
  });
  return Object.fromEntries(changed.map((key) => [key, fresh[key as keyof DomainFields]]));
}

function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Map && other instanceof Map)
    return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
  return one === other;
}

function oneOf<T extends string>(values: readonly T[], text: string, fallback: T): T {
  return values.find((value) => value === text) ?? fallback;
}
