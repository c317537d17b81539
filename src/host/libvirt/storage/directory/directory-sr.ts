import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../../../files/atomic-write.js';
import { ApiError } from '../../../../model/error.js';
import type { SrSpec } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import { ownDirectory } from './directory-medium.js';
import { FoundImages } from './found-images.js';
import { ImageIndex } from './image-index.js';
import { syncDirectory } from './record-files.js';

/** In the directory of an SR: says that it is one. */
const MARKER = 'sr.json';
/** Directories that are on their way out. */
const LEAVING = '.leaving';

const marker = z.object({ uuid: z.guid(), type: z.string() });

/** Directories of SRs must let QEMU's own user through to its disks, and show nobody what there is. */
const MODE = 0o711;

/** Makes the directory of an SR in a location. */
export async function makeSrIn(location: string, { uuid, type }: Pick<SrSpec, 'uuid' | 'type'>): Promise<void> {
  const own = ownDirectory(location, uuid);
  await mkdir(own, { mode: MODE, recursive: true });
  await writeFileAtomically(join(own, MARKER), JSON.stringify({ uuid, type }));
  await syncDirectory(location);
}

/** Rejects with SR_NOT_EMPTY when there are images of others in a location. */
export async function needNothingOfOthers(location: string): Promise<void> {
  const others = await new ImageIndex(location, new FoundImages(location)).all();
  if (others.size > 0) throw new ApiError('SR_NOT_EMPTY');
}

/**
 * Removes the directory of an SR with everything in it: at once for whoever looks. Rejects with SR_NOT_EMPTY when there are images of
 * others beside it.
 */
export async function removeSrIn(location: string, uuid: string): Promise<void> {
  await needNothingOfOthers(location);
  const leaving = join(location, `${LEAVING}-${uuid}`);
  await rename(ownDirectory(location, uuid), leaving);
  await syncDirectory(location);
  await rm(leaving, { recursive: true, force: true });
}

/** Removes what a crash has left of SRs that were being removed. */
export async function finishRemovals(location: string): Promise<void> {
  for (const name of await readdir(location)) {
    if (name.startsWith(`${LEAVING}-`) && isUuid(name.slice(LEAVING.length + 1))) {
      await rm(join(location, name), { recursive: true, force: true });
    }
  }
}

/** Uuids of the SRs in a location. */
export async function srsIn(location: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(location)) if (await isSrIn(location, name)) found.push(name);
  return found;
}

/** Whether a location has the SR of that uuid. */
export async function isSrIn(location: string, uuid: string): Promise<boolean> {
  if (!isUuid(uuid)) return false;
  const own = ownDirectory(location, uuid);
  if (!(await lstat(own).catch(() => undefined))?.isDirectory()) return false;
  const text = await readFile(join(own, MARKER), 'utf8').catch(() => undefined);
  return text !== undefined && marker.parse(JSON.parse(text)).uuid === uuid;
}
