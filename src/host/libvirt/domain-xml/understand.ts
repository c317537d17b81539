import type { DiskSpec, DomainSpec } from '../../compute.js';
import { bootOrder, readBootLetters, readBootOrder } from './boot-order.js';
import { bootOf, isFetched, readKernel, sameKernel } from './direct-boot.js';
import { type DiskElement, diskElements, domainUuid, type NicElement, nicElements } from './found-devices.js';
import { readIdentity } from './identity.js';
import { sections } from './sections.js';
import { type Settings, type Traits, withEntries } from './settings.js';
import { readStored, type Stored } from './stored.js';
import { attribute, child, type Element } from './xml.js';

/** What a description means. */
export interface Understanding {
  readonly domain: Element;
  readonly stored: Stored | undefined;
  readonly traits: Traits;
  readonly settings: Settings;
  readonly disks: readonly DiskElement[];
  readonly nics: readonly NicElement[];
  /** Uuids of the drives from which the guest may boot. */
  readonly bootable: ReadonlySet<string>;
}

/** What the model takes for usual, laid under what a domain of other origin says. */
const FOREIGN = {
  vcpus: { max: 1, online: 1, params: new Map<string, string>() },
  // Without a balloon of a known range it stands still where it is: the least is brought down to it.
  memory: { staticMax: 0, dynamicMax: 0, dynamicMin: Number.MAX_SAFE_INTEGER, target: 0 },
  platform: new Map([
    ['acpi', 'true'],
    ['apic', 'true'],
    ['pae', 'true'],
    ['viridian', 'false'],
    ['cores-per-socket', '1'],
    ['vga', 'std'],
  ]),
  guestData: new Map<string, string>(),
  after: { shutdown: 'destroy', reboot: 'restart', crash: 'destroy' },
};

/** What a description means: what was kept in it where it fits, else what it says. Throws Error for what is no domain. */
export function understand(domain: Element, controlGroups: Traits['controlGroups']): Understanding {
  const stored = readStored(domain);
  const disks = diskElements(domain);
  const nics = nicElements(domain);
  const { boot, bootable } = readBoot(domain, stored, disks, nics);
  const traits: Traits = {
    type: attribute(domain, 'type') ?? '',
    controlGroups,
    installing: stored !== undefined && isFetched(boot, stored.kernel),
    secureBoot: false,
  };
  const start: Settings = {
    ...(stored?.settings ?? { ...FOREIGN, platform: foreignPlatform(disks, nics) }),
    uuid: domainUuid(domain),
    ...readIdentity(domain, stored),
    boot,
  };
  const settings = sections.reduce((so, one) => one.understand(domain, so, traits), start);
  return { domain, stored, traits, settings, disks, nics, bootable };
}

/** Drives and cards that are added get what those that are there have. */
function foreignPlatform(disks: readonly DiskElement[], nics: readonly NicElement[]): Settings['platform'] {
  const bus = disks.find(({ kind }) => kind === 'Disk')?.bus;
  const model = nics.map(({ element }) => attribute(child(element, 'model'), 'type')).find((one) => one !== undefined);
  return withEntries(FOREIGN.platform, {
    ...(bus && bus !== 'virtio' && { 'disk-bus': bus }),
    ...(model && model !== 'virtio' && { 'nic-model': model }),
  });
}

function readBoot(
  domain: Element,
  stored: Stored | undefined,
  disks: readonly DiskElement[],
  nics: readonly NicElement[],
): { readonly boot: DomainSpec['boot']; readonly bootable: ReadonlySet<string> } {
  const found = readBootOrder(domain, disks, nics);
  const kernel = readKernel(domain);
  if (!stored) {
    const order = readBootLetters(domain, disks, nics);
    const params = new Map([
      ['order', order],
      ['firmware', 'bios'],
    ]);
    return { boot: kernel ? bootOf(kernel) : { kind: 'hvm', params }, bootable: new Set(found) };
  }
  const kept = stored.settings.boot;
  const bootable = keptBootable(stored, disks, nics, found);
  if (kernel && !sameKernel(kernel, stored.kernel)) return { boot: bootOf(kernel), bootable: bootable ?? new Set(found) };
  if (bootable || kept.kind === 'pv') return { boot: kept, bootable: bootable ?? new Set(found) };
  const params = withEntries(kept.params, { order: readBootLetters(domain, disks, nics) });
  return { boot: { kind: 'hvm', params }, bootable: new Set(found) };
}

/** The drives that were bootable when the description was made; undefined where it has another order since. Devices that came since have no say. */
function keptBootable(
  stored: Stored,
  disks: readonly DiskElement[],
  nics: readonly NicElement[],
  found: readonly string[],
): ReadonlySet<string> | undefined {
  const known: DiskSpec[] = disks.flatMap(({ uuid }) => stored.disks.get(uuid) ?? []);
  const cards = nics.flatMap(({ uuid }) => stored.nics.get(uuid) ?? []);
  const expected = bootOrder(stored.settings.boot, { disks: known, nics: cards });
  const actual = found.filter((uuid) => stored.disks.has(uuid) || stored.nics.has(uuid));
  if (expected.join() !== actual.join()) return undefined;
  const kept = known.filter(({ bootable }) => bootable).map(({ vbd }) => vbd);
  return new Set([...kept, ...found.filter((uuid) => !stored.disks.has(uuid))]);
}
