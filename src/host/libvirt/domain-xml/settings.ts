import type { DomainSpec } from '../../compute.js';

/** What a VM is, but for its devices. */
export type Settings = Omit<DomainSpec, 'disks' | 'nics'>;

/** The settings of a spec alone. */
export function settingsOf({ disks: _disks, nics: _nics, ...settings }: DomainSpec): Settings {
  return settings;
}

/** Facts of the host or of an existing description on which it depends how settings look in XML. */
export interface Traits {
  /** Type of the domain: kvm, qemu, or another one of foreign domains. */
  readonly type: string;
  readonly controlGroups: 1 | 2;
  /** Whether an installer is booted directly: then the guest's reboot must end the domain, so that it boots from its disk. */
  readonly installing: boolean;
  /** Whether the host has firmware that can do secure boot. */
  readonly secureBoot: boolean;
}

/** Whether the value of a key of `platform` means yes. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && ['true', '1'].includes(value.toLowerCase());
}

/** Settings with other values of `platform`; undefined takes a key away. */
export function withPlatform(settings: Settings, changes: Readonly<Record<string, string | undefined>>): Settings {
  return { ...settings, platform: withEntries(settings.platform, changes) };
}

/** A map with other values; undefined takes a key away. */
export function withEntries(
  map: ReadonlyMap<string, string>,
  changes: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const changed = new Map(map);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(key);
    else changed.set(key, value);
  }
  return changed;
}
