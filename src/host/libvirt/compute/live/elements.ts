import { ApiError } from '../../../../model/error.js';
import { type DiskElement, diskElements, type NicElement, nicElements } from '../../domain-xml/found-devices.js';
import { attribute, child, children, type Element, parseXml, put, remove, set, tag } from '../../domain-xml/xml.js';
import type { VolumeSource } from '../../volume-source.js';

/** The drive of a domain that stands for a VBD; undefined when there is none. */
export function driveOf(xml: string, vbd: string): DiskElement | undefined {
  return diskElements(parseXml(xml)).find(({ uuid }) => uuid === vbd);
}

/** The card of a domain that stands for a VIF; undefined when there is none. */
export function cardOf(xml: string, vif: string): NicElement | undefined {
  return nicElements(parseXml(xml)).find(({ uuid }) => uuid === vif);
}

/** The drive of a VBD in a living domain. Throws DEVICE_NOT_ATTACHED. */
export function attachedDrive(xml: string, vbd: string): DiskElement {
  const found = driveOf(xml, vbd);
  if (found === undefined) throw new ApiError('DEVICE_NOT_ATTACHED', vbd);
  return found;
}

/** The drive in a place, such as `vda`, which is what stays when a description names devices differently. */
export function driveAt(xml: string, target: string): DiskElement | undefined {
  return diskElements(parseXml(xml)).find((drive) => drive.target === target);
}

/** The card with a MAC in lower case. */
export function cardWith(xml: string, mac: string): NicElement | undefined {
  return nicElements(parseXml(xml)).find((card) => card.mac === mac);
}

/** The places of all disks and drives, those too that the model knows nothing of. */
export function diskPlaces(xml: string): readonly string[] {
  return children(child(parseXml(xml), 'devices'), 'disk').map(targetOf);
}

/** Name of the place of a disk, or of the tap device of a card that lives; empty where there is none. */
export function targetOf(device: Element): string {
  return attribute(child(device, 'target'), 'dev') ?? '';
}

/** Name of a device that lives, as libvirt's events have it. */
export function aliasOf(device: Element): string {
  return attribute(child(device, 'alias'), 'name') ?? '';
}

/**
 * Gives a disk other data, or none; what it is in the guest stays. The chain below the data is left to libvirt to find: it may
 * have changed since the description was made.
 */
export function setSource(disk: Element, source: VolumeSource | undefined): void {
  remove(disk, 'source', 'backingStore', 'mirror');
  if (source === undefined) {
    set(disk, { type: 'file' });
    return;
  }
  set(disk, { type: source.kind });
  put(disk, tag('source', sourceAttributes(source)));
  const driver = child(disk, 'driver');
  if (driver) set(driver, { type: source.format });
  else put(disk, tag('driver', { name: 'qemu', type: source.format }));
}

/** Attributes of the source element for a volume. */
export function sourceAttributes({ kind, path }: VolumeSource): { readonly [name: string]: string } {
  return kind === 'block' ? { dev: path } : { file: path };
}
