import type { Storage, VolumeAddress } from '../../../host/storage.js';
import type { VolumeContent } from '../../../host/volume-content.js';
import { ApiError } from '../../../model/error.js';
import type { DiskStream } from '../../../wire/disk/disk-stream.js';

/** Why there cannot be new content beside the old: no room, or an SR whose disks are devices. */
const IN_PLACE: ReadonlySet<string> = new Set(['SR_FULL', 'SR_OPERATION_NOT_SUPPORTED']);

/** What the content of a disk is written to; `close` of the content ends it well. */
export interface WriteTarget {
  readonly content: VolumeContent;
  /** Whether it holds nothing but zeros. */
  readonly isBlank: boolean;
  /** Ends it badly. */
  abandon(): Promise<void>;
}

/** The content of a volume that was just made and goes when this is abandoned. */
export async function openNew(storage: Storage, volume: VolumeAddress): Promise<WriteTarget> {
  const fresh = await openFresh(storage, volume);
  if (fresh !== undefined) return fresh;
  const content = await storage.open(volume, 'write');
  return { content, isBlank: true, abandon: () => content.close() };
}

/**
 * The content of a volume, of so many bytes, for what comes. What replaces all of it, or comes where there is nothing, becomes the
 * content when it is complete. Other things are written over what is there, and so is everything where there is no room for both.
 */
export async function openTarget(
  storage: Storage,
  volume: VolumeAddress,
  size: number,
  { wholeUpTo }: DiskStream,
): Promise<WriteTarget> {
  if (wholeUpTo < size) {
    const content = await storage.open(volume, 'write');
    const isEmpty = await closedWhenFailed(content, async () => (await content.extents()).length === 0);
    if (!isEmpty) return { content, isBlank: false, abandon: () => content.close() };
    await content.close();
  }
  const fresh = await openFresh(storage, volume);
  if (fresh !== undefined) return fresh;
  const content = await storage.open(volume, 'write');
  await closedWhenFailed(content, () => content.zero(0, Math.min(content.size, wholeUpTo)));
  return { content, isBlank: false, abandon: () => content.close() };
}

/** New content beside the old; undefined where that cannot be. */
async function openFresh(storage: Storage, volume: VolumeAddress): Promise<WriteTarget | undefined> {
  try {
    const content = await storage.rewrite(volume);
    return { content, isBlank: true, abandon: () => content.abandon() };
  } catch (thrown) {
    if (thrown instanceof ApiError && IN_PLACE.has(thrown.code)) return undefined;
    throw thrown;
  }
}

async function closedWhenFailed<T>(content: VolumeContent, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    await content.close();
    throw thrown;
  }
}
