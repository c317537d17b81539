import type { DeviceConfig } from '../../../sr-types/device-config.js';
import { refuseWithBlockDevices } from '../../../sr-types/findings.js';
import type { LogicalUnit } from '../devices/logical-units.js';
import { behindAdapters } from './adapters.js';

/**
 * The logical unit behind a host bus adapter that a configuration names. Without one that is there, it is refused with the list of all: that is how
 * clients discover them.
 */
export async function chosenHbaUnit(config: DeviceConfig, sys = '/sys'): Promise<LogicalUnit> {
  const { units, adapters } = await behindAdapters(sys);
  const id = config.get('SCSIid') ?? '';
  return units.find((unit) => unit.scsiId === id) ?? refuseWithBlockDevices(units, adapters);
}
