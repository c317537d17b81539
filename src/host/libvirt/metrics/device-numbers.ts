import { describeDomain } from '../domain-xml/describe-domain.js';
import { positionOf } from '../domain-xml/disk-place.js';
import { diskElements, nicElements } from '../domain-xml/found-devices.js';
import { attribute, child, parseXml } from '../domain-xml/xml.js';
import type { VolumeSources } from '../volume-source.js';

/** A disk of a domain: its number among the VBDs, and the SR that its volume is in. */
export interface DiskNumber {
  readonly position: number;
  readonly kind: 'Disk' | 'CD';
  readonly sr: string | undefined;
}

/** Which VBDs and VIFs the devices of a living domain are, by the names that statistics have for them. */
export interface DeviceNumbers {
  readonly disks: ReadonlyMap<string, DiskNumber>;
  readonly nics: ReadonlyMap<string, number>;
}

/** Finds the numbers in the description of a living domain. Throws Error when it is none. */
export function readDeviceNumbers(xml: string, volumes: Pick<VolumeSources, 'locate' | 'cover'>): DeviceNumbers {
  const root = parseXml(xml);
  const found = describeDomain(xml, { volumes, persistent: true, autostart: false });
  const disks = diskElements(root).map(({ uuid, target }) => {
    const disk = found.disks.find(({ vbd }) => vbd === uuid);
    const position = disk?.position ?? positionOf(target) ?? 0;
    return [target, { position, kind: disk?.kind ?? 'Disk', sr: disk?.volume?.sr }] as const;
  });
  const nics = nicElements(root).flatMap(({ uuid, element }) => {
    const target = attribute(child(element, 'target'), 'dev');
    const nic = found.nics.find(({ vif }) => vif === uuid);
    return target === undefined || !nic ? [] : [[target, nic.position] as const];
  });
  return { disks: new Map(disks), nics: new Map(nics) };
}
