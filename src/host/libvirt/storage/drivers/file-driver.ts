import { statfs } from 'node:fs/promises';
import { ApiError } from '../../../../model/error.js';
import { THIN_FEATURES } from '../../../sr-types/features.js';
import type { ProbeFinding, SrSpec } from '../../../storage.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { DirectoryMedium } from '../directory/directory-medium.js';
import { finishRemovals, isSrIn, makeSrIn, removeSrIn, srsIn } from '../directory/directory-sr.js';
import { TreeSr } from '../tree/tree-sr.js';
import { knownFacts } from './driver-facts.js';
import { locationOf } from './location.js';
import type { SrDriver } from './sr-driver.js';

/** Disks as qcow2 files in a directory of the host; images of others that lie there are disks too. */
export const fileDriver: SrDriver = {
  facts: knownFacts('file', THIN_FEATURES),

  async create({ uuid, type, deviceConfig }) {
    const { path } = await locationOf(deviceConfig);
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
    const known = await srsIn(path);
    if (known.includes(uuid)) throw new ApiError('SR_UUID_EXISTS', uuid);
    // Two would show the same images of others as two disks.
    if (known.length > 0) throw new ApiError('SR_DEVICE_IN_USE');
    await makeSrIn(path, { uuid, type });
  },

  async destroy(sr) {
    const { path } = await needSr(sr);
    await removeSrIn(path, sr.uuid);
  },

  async probe(deviceConfig) {
    const { path } = await locationOf(deviceConfig);
    const { blocks, bavail, bsize } = await statfs(path);
    const common = { configuration: deviceConfig, complete: true, extraInfo: new Map<string, string>() };
    const found = (await srsIn(path)).map(
      (uuid): ProbeFinding => ({
        ...common,
        sr: { uuid, name: '', description: '', totalSpace: blocks * bsize, freeSpace: bavail * bsize },
      }),
    );
    return found.length > 0 ? found : [common];
  },

  async attach(sr, { live, warn, coalescing }) {
    const { path, real } = await needSr(sr);
    await finishRemovals(path);
    return TreeSr.open(sr.uuid, new DirectoryMedium(sr.uuid, path, real, warn), live, warn, coalescing);
  },
};

async function needSr({ uuid, deviceConfig }: SrSpec): ReturnType<typeof locationOf> {
  const location = await locationOf(deviceConfig);
  if (!(await isSrIn(location.path, uuid).catch(() => false))) {
    throw refusal('srNotThere', `There is no SR ${uuid} in ${location.path}`);
  }
  return location;
}
