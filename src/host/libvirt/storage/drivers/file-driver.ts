import { lstat, mkdir, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../../../files/atomic-write.js';
import { ApiError } from '../../../../model/error.js';
import type { ProbeFinding, SrSpec } from '../../../storage.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { DirectoryMedium, ownDirectory } from '../directory/directory-medium.js';
import { FoundImages } from '../directory/found-images.js';
import { ImageIndex } from '../directory/image-index.js';
import { syncDirectory } from '../directory/record-files.js';
import { TreeSr } from '../tree/tree-sr.js';
import { DISK_FEATURES, driverFacts } from './driver-facts.js';
import { locationOf } from './location.js';
import type { SrDriver } from './sr-driver.js';

/** In the directory of an SR: says that it is one. */
const MARKER = 'sr.json';
/** Directories that are on their way out. */
const LEAVING = '.leaving';

const marker = z.object({ uuid: z.guid(), type: z.string() });

/** Directories of SRs must let QEMU's own user through to its disks, and show nobody what there is. */
const MODE = 0o711;

/** Disks as qcow2 files in a directory of the host; images of others that lie there are disks too. */
export const fileDriver: SrDriver = {
  facts: driverFacts('file', {
    name: 'Local directory',
    description: 'Disks as qcow2 files in a directory of the host',
    configuration: { location: 'path of the directory' },
    features: DISK_FEATURES,
  }),

  async create({ uuid, type, deviceConfig }) {
    const { path } = await locationOf(deviceConfig);
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
    const known = await srsIn(path);
    if (known.includes(uuid)) throw new ApiError('SR_UUID_EXISTS', uuid);
    // Two would show the same images of others as two disks.
    if (known.length > 0) throw new ApiError('SR_DEVICE_IN_USE');
    const own = ownDirectory(path, uuid);
    await mkdir(own, { mode: MODE, recursive: true });
    await writeFileAtomically(join(own, MARKER), JSON.stringify({ uuid, type }));
    await syncDirectory(path);
  },

  async destroy(sr) {
    const { path } = await needSr(sr);
    const others = await new ImageIndex(path, new FoundImages(path)).all();
    if (others.size > 0) throw new ApiError('SR_NOT_EMPTY');
    const leaving = join(path, `${LEAVING}-${sr.uuid}`);
    // At once for whoever looks; what a crash then leaves goes with the next SR that is attached here.
    await rename(ownDirectory(path, sr.uuid), leaving);
    await syncDirectory(path);
    await rm(leaving, { recursive: true, force: true });
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

  async attach(sr, { live, warn }) {
    const { path, real } = await needSr(sr);
    for (const name of await readdir(path)) {
      if (name.startsWith(`${LEAVING}-`) && isUuid(name.slice(LEAVING.length + 1))) {
        await rm(join(path, name), { recursive: true, force: true });
      }
    }
    return TreeSr.open(sr.uuid, new DirectoryMedium(sr.uuid, path, real, warn), live, warn);
  },
};

/** Uuids of the SRs in a directory. */
async function srsIn(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(path)) if (isUuid(name) && (await isSr(path, name))) found.push(name);
  return found;
}

async function isSr(path: string, uuid: string): Promise<boolean> {
  const own = ownDirectory(path, uuid);
  if (!(await lstat(own)).isDirectory()) return false;
  const text = await readFile(join(own, MARKER), 'utf8').catch(() => undefined);
  return text !== undefined && marker.parse(JSON.parse(text)).uuid === uuid;
}

async function needSr({ uuid, deviceConfig }: SrSpec): ReturnType<typeof locationOf> {
  const location = await locationOf(deviceConfig);
  if (!isUuid(uuid) || !(await isSr(location.path, uuid).catch(() => false))) {
    throw refusal('srNotThere', `There is no SR ${uuid} in ${location.path}`);
  }
  return location;
}
