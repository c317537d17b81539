import type { DiskSpec } from '../../compute.js';
import type { VolumeSource } from '../volume-source.js';
import { aliasOf } from './device-names.js';
import { type DiskPlace, diskPlace } from './disk-place.js';
import type { Hardware } from './hardware.js';
import { append, attribute, child, type Element, type Markup, put, remove, set, tag } from './xml.js';

/** Keys of a VBD's qos parameters, and the limits of libvirt for which they stand. */
const LIMITS: ReadonlyMap<string, { readonly name: string; readonly factor: number }> = new Map([
  ['kbps', { name: 'total_bytes_sec', factor: 1024 }],
  ['iops', { name: 'total_iops_sec', factor: 1 }],
]);

/** libvirt's names of all limits that a disk may have. */
export const LIMIT_NAMES: readonly string[] = Array.from(LIMITS.values(), ({ name }) => name);

/** Whether the guest may only read. Media of CD drives are never written. */
export function isReadonly(disk: Pick<DiskSpec, 'kind' | 'writable'>, source: VolumeSource | undefined): boolean {
  return disk.kind === 'CD' || !disk.writable || (source?.readOnly ?? false);
}

/** Whether several domains may write: to plain bytes alone, for each QEMU keeps the tables of other formats to itself. */
export function isShared({ sharable = false }: Pick<DiskSpec, 'sharable'>, source: VolumeSource | undefined): boolean {
  return sharable && source?.format === 'raw';
}

/**
 * The device of a drive; without a source an empty CD drive.
 * `taken`: names of drives that the domain has already.
 */
export function diskMarkup(
  disk: DiskSpec,
  source: VolumeSource | undefined,
  hardware: Hardware,
  taken: ReadonlySet<string> = new Set(),
): Markup {
  const readonly = isReadonly(disk, source);
  const place = diskPlace(disk, hardware, readonly, taken);
  return tag(
    'disk',
    { type: source?.kind ?? 'file', device: deviceOf(disk) },
    driverMarkup(disk, source),
    source && sourceMarkup(source),
    tag('target', { dev: place.target, bus: place.bus }),
    readonly ? tag('readonly') : undefined,
    isShared(disk, source) ? tag('shareable') : undefined,
    limitsMarkup(disk.qos),
    tag('alias', { name: aliasOf(disk.vbd) }),
  );
}

/** Makes an existing drive another kind of drive. */
export function setKind(device: Element, disk: DiskSpec): void {
  set(device, { device: deviceOf(disk) });
}

/** Gives a drive other data, or none. What describes the data that it had is taken away. */
export function setSource(device: Element, disk: DiskSpec, source: VolumeSource | undefined): void {
  remove(device, 'source', 'backingStore', 'mirror', 'transient');
  set(device, { type: source?.kind ?? 'file', snapshot: undefined });
  setDriver(device, disk, source);
  if (source) append(device, sourceMarkup(source));
}

/** Says in what format the data of a drive is; what else is said of its driver stays. */
export function setFormat(device: Element, { format }: VolumeSource): void {
  set(child(device, 'driver') ?? append(device, tag('driver', { name: 'qemu' })), { type: format });
}

/** Gives a drive another place in the guest. */
export function setPlace(device: Element, { bus, target }: DiskPlace): void {
  const old = child(device, 'target');
  // Addresses are of the bus; the guest may keep it where only the name changes.
  if (attribute(old, 'bus') !== bus || bus !== 'virtio') remove(device, 'address');
  put(device, tag('target', { dev: target, bus }));
}

/** Lets the guest write to a drive, or not. */
export function setReadonly(device: Element, readonly: boolean): void {
  remove(device, 'readonly');
  if (readonly) append(device, tag('readonly'));
}

/** Lets other domains write to the same data, or not. */
export function setShared(device: Element, shared: boolean): void {
  remove(device, 'shareable');
  if (shared) append(device, tag('shareable'));
}

/** Limits how fast a drive is. Limits of other kinds go: libvirt takes no mixture. */
export function setLimits(device: Element, qos: DiskSpec['qos']): void {
  remove(device, 'iotune');
  const limits = limitsMarkup(qos);
  if (limits) append(device, limits);
}

/** What `setLimits` would set, in libvirt's names. */
export function limitsOf(qos: DiskSpec['qos']): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [key, { name, factor }] of LIMITS) {
    const value = qos.get(key) ?? '';
    if (/^[1-9]\d{0,9}$/.test(value)) found[name] = Number(value) * factor;
  }
  return found;
}

function limitsMarkup(qos: DiskSpec['qos']): Markup | undefined {
  const limits = Object.entries(limitsOf(qos));
  return limits.length ? tag('iotune', {}, ...limits.map(([name, value]) => tag(name, {}, String(value)))) : undefined;
}

function deviceOf({ kind }: DiskSpec): string {
  return kind === 'CD' ? 'cdrom' : 'disk';
}

function sourceMarkup({ kind, path }: VolumeSource): Markup {
  return tag('source', kind === 'file' ? { file: path } : { dev: path });
}

/** Disks bypass the host's cache, as moving a running guest needs; freed blocks are given back. */
function driverMarkup({ kind }: DiskSpec, source: VolumeSource | undefined): Markup {
  const base = { name: 'qemu', type: source?.format ?? 'raw' };
  return tag('driver', kind === 'CD' ? base : { ...base, cache: 'none', discard: 'unmap' });
}

function setDriver(device: Element, disk: DiskSpec, source: VolumeSource | undefined): void {
  const driver = child(device, 'driver');
  if (!driver) append(device, driverMarkup(disk, source));
  else if (source) set(driver, { type: source.format });
}
