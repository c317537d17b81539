import { ApiError } from '../../../../model/error.js';
import { MEDIA_FEATURES } from '../../../sr-types/features.js';
import type { SrSpec } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import { isoPlace } from '../iso/iso-place.js';
import { IsoSr } from '../iso/iso-sr.js';
import { mounting } from '../mounts/mount-error.js';
import type { MountSource } from '../mounts/mounts.js';
import { needNfs } from '../mounts/nfs-source.js';
import { needSmb } from '../mounts/smb-source.js';
import { knownFacts } from './driver-facts.js';
import { locationOf } from './location.js';
import type { Environment, SrDriver } from './sr-driver.js';

/** CD images in a directory of the host or of a file server. They are only read. */
export const isoDriver: SrDriver = {
  facts: knownFacts('iso', MEDIA_FEATURES),

  /** There is nothing to be made: the images are there already. */
  async create(sr, _size, environment) {
    await looked(sr, environment, async () => undefined);
  },

  async destroy(sr, environment) {
    // Images are put there by others, and only they can say that nobody needs them.
    const found = await looked(sr, environment, (library) => library.scan());
    if (found.length > 0) throw new ApiError('SR_NOT_EMPTY');
  },

  /** Nothing in the directory says that it is an SR: it becomes one by being attached. */
  async probe(deviceConfig, environment) {
    const source = await served(deviceConfig, environment);
    if (source === undefined) await locationOf(deviceConfig);
    else await mounting('isoMount', () => environment.mounts.during(source, async () => undefined));
    return [];
  },

  async attach(sr, environment) {
    needUuid(sr);
    const { mounts } = environment;
    const source = await served(sr.deviceConfig, environment);
    if (source === undefined) return new IsoSr(sr.uuid, await locationOf(sr.deviceConfig));
    const point = await mounting('isoMount', () => mounts.mount(sr.uuid, source));
    return new IsoSr(sr.uuid, { path: point, real: point }, () => mounting('isoUnmount', () => mounts.unmount(sr.uuid)));
  },
};

/** Does something with a library that is not attached. */
async function looked<T>(sr: SrSpec, environment: Environment, work: (library: IsoSr) => Promise<T>): Promise<T> {
  needUuid(sr);
  const source = await served(sr.deviceConfig, environment);
  if (source === undefined) return work(new IsoSr(sr.uuid, await locationOf(sr.deviceConfig)));
  return mounting('isoMount', () =>
    environment.mounts.during(source, (point) => work(new IsoSr(sr.uuid, { path: point, real: point }))),
  );
}

/** What is to be mounted for a library on a file server; undefined for one in a directory of the host. */
async function served(config: SrSpec['deviceConfig'], { tools, owner }: Environment): Promise<MountSource | undefined> {
  const place = isoPlace(config);
  if (place.kind === 'directory') return undefined;
  const source = place.source(await owner());
  await (place.kind === 'nfs' ? needNfs(tools, 'isoMount') : needSmb(tools, 'isoMount'));
  return source;
}

function needUuid({ uuid }: SrSpec): void {
  if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
}
