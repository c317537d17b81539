import { ApiError } from '../../../../model/error.js';
import type { SrSpec } from '../../../storage.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { IsoSr } from '../iso/iso-sr.js';
import { driverFacts, MEDIA_FEATURES } from './driver-facts.js';
import { type Location, locationOf } from './location.js';
import type { SrDriver } from './sr-driver.js';

/** CD images in a directory of the host. They are only read. */
export const isoDriver: SrDriver = {
  facts: driverFacts('iso', {
    name: 'ISO library',
    description: 'CD images in a directory of the host',
    configuration: {
      location: 'path of the directory',
      legacy_mode: 'true for a directory of the host, as older clients say it',
    },
    features: MEDIA_FEATURES,
    contentType: 'iso',
    shareable: true,
  }),

  /** There is nothing to be made: the images are there already. */
  async create(sr) {
    await open(sr);
  },

  async destroy(sr) {
    // Images are put there by others, and only they can say that nobody needs them.
    const location = await open(sr);
    if ((await new IsoSr(sr.uuid, location).scan()).length > 0) throw new ApiError('SR_NOT_EMPTY');
  },

  /** Nothing in the directory says that it is an SR: it becomes one by being attached. */
  async probe(deviceConfig) {
    await directoryOf(deviceConfig);
    return [];
  },

  async attach(sr) {
    return new IsoSr(sr.uuid, await open(sr));
  },
};

function open({ uuid, deviceConfig }: SrSpec): Promise<Location> {
  if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
  return directoryOf(deviceConfig);
}

async function directoryOf(deviceConfig: ReadonlyMap<string, string>): Promise<Location> {
  const location = deviceConfig.get('location') ?? '';
  if (deviceConfig.has('type') || (location !== '' && !location.startsWith('/'))) {
    throw refusal('badParameter', 'Only directories of the host can be CD libraries here; mount file servers on the host');
  }
  return locationOf(deviceConfig);
}
