import type { DiskSpec, DomainSpec } from '../../compute.js';
import type { VolumeAddress } from '../../storage.js';
import { uuidInAlias } from './device-names.js';
import {
  diskMarkup,
  isReadonly,
  isShared,
  limitsOf,
  setFormat,
  setKind,
  setLimits,
  setPlace,
  setReadonly,
  setShared,
  setSource,
} from './disk-device.js';
import { diskPlace } from './disk-place.js';
import { type DiskElement, diskElements, targetsOf } from './found-devices.js';
import type { Hardware } from './hardware.js';
import type { Stored, StoredDisk } from './stored.js';
import type { Surroundings } from './surroundings.js';
import { append, drop, type Element, ensure } from './xml.js';

/** What the drives of a description were taken for before. */
export interface DisksBefore {
  readonly stored: Stored | undefined;
  readonly hardware: Hardware;
  readonly specs: ReadonlyMap<string, Omit<DiskSpec, 'volume'>>;
}

/** Changes the drives that are there to what the model says of them, and takes away those that it no longer has. */
export function editDisks(
  domain: Element,
  spec: DomainSpec,
  hardware: Hardware,
  surroundings: Surroundings,
  before: DisksBefore,
): void {
  const wanted = new Map(spec.disks.map((disk) => [disk.vbd, disk]));
  const moving: DiskElement[] = [];
  for (const found of diskElements(domain)) {
    const disk = wanted.get(found.uuid);
    if (!disk) {
      if (isKnown(found, before.stored, surroundings)) drop(found.element);
    } else if (!editSource(found, disk, surroundings, before.stored)) drop(found.element);
    else if (editDisk(found, disk, hardware, surroundings, before)) moving.push(found);
  }
  // Drives may take the places of one another.
  const left = new Set(moving.map(({ target }) => target));
  const taken = new Set([...targetsOf(domain)].filter((target) => !left.has(target)));
  for (const { uuid, element } of moving) {
    const disk = wanted.get(uuid);
    if (!disk) continue;
    const place = diskPlace(disk, hardware, isReadonly(disk, surroundings.sources.get(uuid)), taken);
    taken.add(place.target);
    setPlace(element, place);
  }
}

/** Adds the drives that are not there. Disks without data are left out. */
export function addMissingDisks(domain: Element, spec: DomainSpec, hardware: Hardware, surroundings: Surroundings): void {
  const there = new Set(diskElements(domain).map(({ uuid }) => uuid));
  const devices = ensure(domain, 'devices');
  for (const disk of spec.disks) {
    const source = disk.volume && surroundings.sources.get(disk.vbd);
    if (there.has(disk.vbd) || (disk.kind === 'Disk' && !source)) continue;
    append(devices, diskMarkup(disk, source, hardware, targetsOf(domain)));
  }
}

/** What is kept of the drives, and what was made of them. */
export function storedDisks(domain: Element, spec: DomainSpec, surroundings: Surroundings): ReadonlyMap<string, StoredDisk> {
  const found = new Map(diskElements(domain).map((one) => [one.uuid, one]));
  return new Map(
    spec.disks.map((disk) => {
      const { vbd, position, kind, writable, bootable, volume, qos } = disk;
      const made = found.get(vbd);
      const readonly = made?.readonly ?? isReadonly(disk, surroundings.sources.get(vbd));
      const leftOut = made ? volume !== undefined && !made.filled : true;
      const { target, path } = made ?? {};
      return [vbd, { vbd, position, kind, writable, bootable, volume, qos, target, path, readonly, leftOut }];
    }),
  );
}

/** Whether the model has had a drive, so that one that it lacks now is to go. */
function isKnown(found: DiskElement, stored: Stored | undefined, { locate }: Surroundings): boolean {
  if (uuidInAlias(found.element) !== undefined || stored?.disks.has(found.uuid)) return true;
  return !stored && found.path !== undefined && locate?.(found.path) !== undefined;
}

/** Changes everything of a drive but its data and place; whether it is to have another place. */
function editDisk(
  { uuid, element, readonly: wasReadonly }: DiskElement,
  disk: DiskSpec,
  hardware: Hardware,
  { sources }: Surroundings,
  before: DisksBefore,
): boolean {
  const old = before.specs.get(uuid);
  if (!old) return false;
  if (old.kind !== disk.kind) setKind(element, disk);
  const source = sources.get(uuid);
  const readonly = isReadonly(disk, source);
  const ours = uuidInAlias(element) !== undefined;
  if (old.writable !== disk.writable || (ours && source && readonly !== wasReadonly)) setReadonly(element, readonly);
  if (ours && source) setShared(element, isShared(disk, source));
  if (!sameLimits(old.qos, disk.qos)) setLimits(element, disk.qos);
  const oldPlace = diskPlace(old, before.hardware, wasReadonly);
  const place = diskPlace(disk, hardware, readonly);
  return oldPlace.bus !== place.bus || oldPlace.target !== place.target;
}

/** Gives a drive the data that it is to have; false for a disk that has none. */
function editSource(found: DiskElement, disk: DiskSpec, { sources, locate }: Surroundings, stored: Stored | undefined): boolean {
  const source = disk.volume && sources.get(disk.vbd);
  if (source) {
    if (found.path !== source.path) setSource(found.element, disk, source);
    else if (uuidInAlias(found.element) !== undefined) setFormat(found.element, source);
    return true;
  }
  const record = stored?.disks.get(found.uuid);
  const had = record ? record.path === found.path && record.volume : found.path && locate?.(found.path);
  // Data that the model does not know is not its own to take away.
  if (sameVolume(had || undefined, disk.volume)) return true;
  setSource(found.element, disk, undefined);
  return disk.kind === 'CD';
}

function sameVolume(one: VolumeAddress | undefined, other: VolumeAddress | undefined): boolean {
  return one?.sr === other?.sr && one?.location === other?.location;
}

function sameLimits(one: DiskSpec['qos'], other: DiskSpec['qos']): boolean {
  return JSON.stringify(limitsOf(one)) === JSON.stringify(limitsOf(other));
}
