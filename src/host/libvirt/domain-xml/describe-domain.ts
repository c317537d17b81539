import type { FoundDisk, FoundDomain } from '../../compute.js';
import type { VolumeSources } from '../volume-source.js';
import { describeCards, describeDrives } from './described-devices.js';
import { type DiskElement, diskElements, nicElements } from './found-devices.js';
import { readStored, type StoredDisk } from './stored.js';
import { understand } from './understand.js';
import { parseXml } from './xml.js';

/** What is known of a domain besides its description. */
export interface Look {
  readonly volumes: Pick<VolumeSources, 'locate' | 'cover'>;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /**
   * For a domain that lives, what it is started with next time: settings are taken from there, devices from what it
   * consists of now. Absent for one that will not be started again.
   */
  readonly inactive?: string | undefined;
  /** Name of the bridge of a libvirt network. */
  readonly bridgeOf?: ((network: string) => string | undefined) | undefined;
  /** Version of the control groups of the host. Absent: 2. */
  readonly controlGroups?: 1 | 2 | undefined;
}

/** A domain as the model has it. Throws Error for text that is no description of a domain. */
export function describeDomain(xml: string, look: Look): FoundDomain {
  const now = parseXml(xml);
  const next = look.inactive === undefined ? now : parseXml(look.inactive);
  const { settings, stored, bootable } = understand(next, look.controlGroups ?? 2);
  const booted = next === now ? stored : readStored(now);
  const drives = new Map([...(booted?.disks ?? []), ...(stored?.disks ?? [])]);
  const cards = new Map([...(booted?.nics ?? []), ...(stored?.nics ?? [])]);
  const disks = diskElements(now);
  const found = describeDrives(disks, drives, bootable).map((disk, i): FoundDisk => {
    const element = disks[i];
    return { ...disk, ...(element ? volumeOf(element, drives.get(disk.vbd), look.volumes) : { volume: undefined }) };
  });
  const present = new Set(disks.map(({ uuid }) => uuid));
  // Those that have no device yet because their data could not be found.
  const missing = next === now ? [...drives.values()].filter(({ vbd, leftOut }) => leftOut && !present.has(vbd)) : [];
  return {
    ...settings,
    disks: [...found, ...missing.map(plain)].sort(byPosition),
    nics: [...describeCards(nicElements(now), cards, look.bridgeOf)].sort(byPosition),
    persistent: look.persistent,
    autostart: look.autostart,
  };
}

function byPosition(one: { readonly position: number }, other: { readonly position: number }): number {
  return one.position - other.position;
}

function plain({ vbd, position, kind, writable, bootable, volume, qos }: StoredDisk): FoundDisk {
  return { vbd, position, kind, writable, bootable, volume, qos };
}

function volumeOf(
  { path, filled }: DiskElement,
  record: StoredDisk | undefined,
  volumes: Look['volumes'],
): Pick<FoundDisk, 'volume' | 'uncovered'> {
  if (path === undefined) return { volume: !filled && record?.leftOut ? record.volume : undefined };
  const volume = volumes.locate(path);
  if (volume) return { volume };
  // Its SR may be detached at the moment.
  if (record?.path === path && record.volume) return { volume: record.volume };
  const uncovered = volumes.cover(path);
  return { volume: undefined, ...(uncovered && { uncovered }) };
}
