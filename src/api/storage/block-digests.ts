import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ExtentList, pieces } from '../../host/extents.js';
import type { Extent, VolumeContent } from '../../host/volume-content.js';

/** Size of the blocks whose changes are told, in bytes: clients count on it. */
export const BLOCK_SIZE = 64 * 1024;

/** Bytes of a digest: enough that no two different blocks of all disks there are share one. */
export const DIGEST_SIZE = 16;

/** Bytes that are read at a time: their blocks are digested at once, by threads beside the event loop. */
const PIECE = 16 * BLOCK_SIZE;

/** Blocks of a stream of raw bytes; the last may be short. A buffer is reused only after the next was asked for. */
export async function* blocksOf(stream: Readable): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let length = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let rest = piece;
    while (length + rest.length >= BLOCK_SIZE) {
      const missing = BLOCK_SIZE - length;
      yield length === 0 ? rest.subarray(0, BLOCK_SIZE) : Buffer.concat([...pending, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      pending = [];
      length = 0;
    }
    if (rest.length) {
      pending.push(rest);
      length += rest.length;
    }
  }
  if (length) yield Buffer.concat(pending);
}

const ZEROS = Buffer.alloc(BLOCK_SIZE);
const ZEROS_DIGEST = createHash('sha256').update(ZEROS).digest().subarray(0, DIGEST_SIZE);
/** Digests of so many blocks of zeros. */
const ZEROS_DIGESTS = Buffer.concat(Array.from({ length: 4096 }, () => ZEROS_DIGEST));

async function hash(block: Buffer): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', block)).subarray(0, DIGEST_SIZE);
}

/** Digest of a block. Zeros cost a comparison. A short block counts as filled up with zeros. */
export async function digestOf(block: Buffer): Promise<Buffer> {
  if (block.equals(ZEROS.subarray(0, block.length))) return ZEROS_DIGEST;
  return hash(block.length === BLOCK_SIZE ? block : Buffer.concat([block, ZEROS.subarray(block.length)]));
}

/** Digests of all blocks of a disk, some at a time. What the storage knows to be zeros is not read. */
export async function* digestsOf(content: Pick<VolumeContent, 'size' | 'extents' | 'read'>): AsyncGenerator<Buffer> {
  let done = 0;
  for (const filled of wholeBlocks(await content.extents(), content.size)) {
    yield* digestsOfZeros((filled.offset - done) / BLOCK_SIZE);
    for (const { offset, length } of pieces(filled, PIECE)) {
      const bytes = await content.read(offset, Math.min(length, content.size - offset));
      const blocks = Array.from({ length: length / BLOCK_SIZE }, (_, i) => bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE));
      yield Buffer.concat(await Promise.all(blocks.map(digestOf)));
    }
    done = filled.offset + filled.length;
  }
  yield* digestsOfZeros(Math.ceil((content.size - done) / BLOCK_SIZE));
}

/** Parts of a disk grown to whole blocks; the last may reach behind the end of the disk. */
export function wholeBlocks(extents: readonly Extent[], size: number): readonly Extent[] {
  const list = new ExtentList();
  for (const { offset, length } of extents) {
    const start = offset - (offset % BLOCK_SIZE);
    const end = Math.ceil(Math.min(offset + length, size) / BLOCK_SIZE) * BLOCK_SIZE;
    list.add(start, end - start);
  }
  return list.all();
}

/** Digests of blocks of zeros, which is also what lies past the end of a disk. */
export function* digestsOfZeros(blocks: number): Generator<Buffer> {
  for (let left = blocks * DIGEST_SIZE; left > 0; left -= ZEROS_DIGESTS.length)
    yield ZEROS_DIGESTS.subarray(0, Math.min(left, ZEROS_DIGESTS.length));
}
