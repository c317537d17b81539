import type { DeviceConfig } from '../../../sr-types/device-config.js';
import type { ReachedUnits } from '../devices/reached-units.js';
import type { Multipath } from '../multipath/multipath.js';
import { behindAdapters } from './adapters.js';

/**
 * What is behind host bus adapters, which is there by itself. With `isMultipath`, the unit that a configuration names is a multipath device afterwards; it
 * stays one, since its paths stay. Units that nobody has named are left as the host has them.
 */
export async function reachAdapters(multipath: Multipath, config: DeviceConfig, isMultipath: boolean): Promise<ReachedUnits> {
  const units = async () => (await behindAdapters()).units;
  if (isMultipath) await multipath.need();
  const id = config.get('SCSIid') ?? '';
  if (isMultipath && (await units()).some(({ scsiId }) => scsiId === id)) {
    await multipath.claim(id);
    await multipath.gathered(units, ({ scsiId }) => scsiId === id);
  }
  return { iqns: [], addresses: [], mend: async () => undefined, units, release: async () => undefined };
}
