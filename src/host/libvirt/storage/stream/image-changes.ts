import { CONTEXT } from '../../../../wire/nbd/numbers.js';
import { intersectionOf, unionOf, within } from '../../../extents.js';
import type { Extent } from '../../../volume-content.js';
import type { ReadableVolume } from '../attached-sr.js';
import { asVolumeError } from '../image/image-error.js';
import { blocksOf, filledBlocks } from './image-content.js';
import { openImage } from './image-server.js';

/** Where the content of a volume may differ from that of another one of the same SR, or of another SR. */
export async function changesOf(
  volume: ReadableVolume,
  base: ReadableVolume,
  { isOneSr, runDirectory }: { readonly isOneSr: boolean; readonly runDirectory: string },
): Promise<readonly Extent[]> {
  const [own, others] = isOneSr ? [layersAbove(volume, base), layersAbove(base, volume)] : [Infinity, Infinity];
  const mine = await blocks(volume, own, runDirectory);
  const theirs = await blocks(base, others, runDirectory);
  // What neither has for itself is the same, and so is what is zeros in both: QEMU tells of an image that is larger than the
  // one below as if it held all of what is behind the end of that.
  const changed = intersectionOf(unionOf(mine.own, theirs.own), unionOf(mine.filled, theirs.filled));
  // Behind the end of the base there are zeros, whatever an image that both stand on holds there.
  return within(unionOf(changed, within(mine.filled, base.size, volume.size)), 0, volume.size);
}

/** Number of the newest images that one volume has for itself; infinite where it shares none with the other. */
function layersAbove({ layers }: ReadableVolume, other: ReadableVolume): number {
  const shared = layers.findIndex((name) => other.layers.includes(name));
  return shared < 0 ? Infinity : shared;
}

/** Blocks that the newest images of a volume hold, as many of them as are said, and those that are not zeros. */
async function blocks(
  { uuid, source }: ReadableVolume,
  newest: number,
  runDirectory: string,
): Promise<{ readonly own: readonly Extent[]; readonly filled: readonly Extent[] }> {
  try {
    const image = await openImage(source, runDirectory, { withDepth: true });
    try {
      const own = await blocksOf(image, CONTEXT.depth, (depth) => depth > 0 && depth <= newest);
      return { own, filled: await filledBlocks(image) };
    } finally {
      await image.close();
    }
  } catch (thrown) {
    throw asVolumeError(thrown, uuid, 'read');
  }
}
