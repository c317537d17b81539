import { ApiError } from '../../../../model/error.js';
import { type DeviceConfig, isDevicePath } from '../../../sr-types/device-config.js';
import type { SrSpec } from '../../../storage.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { isUnused } from '../devices/block-device.js';
import { DeviceSr, type DeviceVolume } from '../devices/device-sr.js';
import { type Disk, disksOf } from '../devices/disks.js';
import { knownFacts } from './driver-facts.js';
import type { SrDriver } from './sr-driver.js';

/** What can be done with devices of the host: they are used as they are. */
const FEATURES: readonly string[] = ['SR_PROBE', 'SR_UPDATE', 'VDI_ATTACH', 'VDI_DETACH', 'VDI_UPDATE'];

/** Which devices an SR shows. */
type Wanted = Disk['kind'] | 'any';

/**
 * The physical drives of the host, each as a disk of a VM: CD drives, or the disks that nothing on the host uses. What is on them is never changed by
 * us.
 */
export const udevDriver: SrDriver = {
  facts: knownFacts('udev', FEATURES),

  /** There is nothing to be made: the drives are there. */
  async create(sr) {
    wantedBy(sr);
  },

  async destroy(sr) {
    wantedBy(sr);
  },

  async probe(deviceConfig) {
    needLocation(deviceConfig);
    return [];
  },

  async attach(sr, { live }) {
    if (!isUuid(sr.uuid)) throw new ApiError('UUID_INVALID', 'SR', sr.uuid);
    const wanted = wantedBy(sr);
    return DeviceSr.open(sr.uuid, { live, list: () => drives(wanted) });
  },
};

/** The drives of the host that an SR shows. */
async function drives(wanted: Wanted): Promise<readonly DeviceVolume[]> {
  const drives = (await disksOf()).filter(({ kind }) => wanted === 'any' || kind === wanted);
  // An empty drive is one all the same: something may be put into it.
  const are = await Promise.all(
    drives.map(async ({ kind, size, name }) => kind === 'cd' || (size > 0 && (await isUnused(`/dev/${name}`)))),
  );
  return drives.filter((_, index) => are[index]).map(asVolume);
}

/** A drive as a volume. */
export function asVolume({ name, id, vendor, model, size, isReadOnly, isRemovable, kind }: Disk): DeviceVolume {
  const called = [vendor, model].filter(Boolean).join(' ');
  return {
    location: id ?? name,
    path: `/dev/${name}`,
    aliases: [],
    size,
    readOnly: isReadOnly,
    name: called === '' ? name : `${called} (${name})`,
    description: `${isRemovable ? 'Removable ' : ''}${kind === 'cd' ? 'CD drive' : 'disk'} of the host`,
    smConfig: new Map([['path', `/dev/${name}`]]),
  };
}

function wantedBy({ deviceConfig, smConfig }: SrSpec): Wanted {
  const location = needLocation(deviceConfig);
  const type = smConfig.get('type') ?? '';
  if (type === 'cd' || (type === '' && location.endsWith('/cd'))) return 'cd';
  if (type === 'block' || (type === '' && location.endsWith('/block'))) return 'disk';
  if (type === '') return 'any';
  throw refusal('badParameter', `There are no drives of type ${type}: it is cd or block`);
}

function needLocation(config: DeviceConfig): string {
  const location = (config.get('location') ?? '').replace(/\/+$/, '');
  if (location === '') throw refusal('noLocation', 'The location parameter is missing');
  if (location !== '/dev' && !isDevicePath(location)) throw refusal('badParameter', `${location} is no directory of devices`);
  return location;
}
