import type { DiskSpec, NicSpec } from '../../compute.js';
import type { VolumeSource } from '../volume-source.js';
import { diskMarkup } from './disk-device.js';
import { nicElements, targetsOf } from './found-devices.js';
import { type Hardware, hardwareOf } from './hardware.js';
import { nicMarkup } from './nic-device.js';
import type { Surroundings } from './surroundings.js';
import { understand } from './understand.js';
import { attribute, child, parseXml, render } from './xml.js';

/** What new devices of a domain have to fit to. */
export interface DevicePlace {
  readonly hardware: Hardware;
  /** Names of drives that are taken. */
  readonly targets: ReadonlySet<string>;
}

/** What new devices of the domain have to fit to. Throws Error for text that is no description of a domain. */
export function devicePlace(xml: string): DevicePlace {
  const domain = parseXml(xml);
  return { hardware: hardwareOf(understand(domain, 2).settings), targets: targetsOf(domain) };
}

/** Text of a new drive. Without a source it is an empty CD drive. */
export function diskDevice(disk: DiskSpec, source: VolumeSource | undefined, { hardware, targets }: DevicePlace): string {
  return render(diskMarkup(disk, source, hardware, targets));
}

/** Text of a new network card. */
export function nicDevice(
  nic: NicSpec,
  { hardware }: Pick<DevicePlace, 'hardware'>,
  { openVswitchBridges }: Pick<Surroundings, 'openVswitchBridges'> = {},
): string {
  return render(nicMarkup(nic, hardware, openVswitchBridges));
}

/** A network card of a domain. */
export interface FoundNicDevice {
  /** Name of its tap device on the host; undefined while there is none. */
  readonly target: string | undefined;
}

/** The card of a VIF; undefined when the domain has none. */
export function findNic(domain: string, vif: NicSpec['vif']): FoundNicDevice | undefined {
  const found = nicElements(parseXml(domain)).find(({ uuid }) => uuid === vif);
  return found && { target: attribute(child(found.element, 'target'), 'dev') };
}
