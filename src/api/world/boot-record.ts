import type { Fields } from '../../model/types.js';

/** Settings that hold until the next boot, whatever is set meanwhile. */
const SETTINGS = [
  'memory_static_max',
  'memory_static_min',
  'memory_dynamic_max',
  'memory_dynamic_min',
  'VCPUs_max',
  'VCPUs_at_startup',
  'HVM_shadow_multiplier',
  'domain_type',
  'HVM_boot_policy',
  'hardware_platform_version',
  'has_vendor_device',
] as const;
const MAPS = ['HVM_boot_params', 'VCPUs_params', 'platform'] as const;

/** Fields that a boot record holds. */
export type BootSettings = Pick<Fields<'VM'>, (typeof SETTINGS)[number] | (typeof MAPS)[number]>;

/**
 * The settings with which a VM starts, as text for VM.last_booted_record. The original writes its whole record there;
 * no client reads more than whether there is any text, and in listings of thousands of VMs the length counts.
 */
export function formatBootRecord(vm: Fields<'VM'>): string {
  const plain: Record<string, unknown> = {};
  for (const name of SETTINGS) plain[name] = vm[name];
  for (const name of MAPS) plain[name] = Object.fromEntries(vm[name]);
  return JSON.stringify(plain);
}

/** The settings of a boot record where the text is one of ours, else those that the VM has now. */
export function readBootRecord(vm: Fields<'VM'>): BootSettings {
  const given = parse(vm.last_booted_record);
  const settings: Record<string, unknown> = {};
  for (const name of SETTINGS) settings[name] = typeof given[name] === typeof vm[name] ? given[name] : vm[name];
  for (const name of MAPS) settings[name] = textMap(given[name]) ?? vm[name];
  return settings as unknown as BootSettings;
}

function parse(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) return {};
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? { ...value } : {};
  } catch {
    return {};
  }
}

function textMap(value: unknown): ReadonlyMap<string, string> | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string') ? new Map(entries) : undefined;
}
