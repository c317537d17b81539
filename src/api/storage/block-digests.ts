import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Size of the blocks whose changes are told, in bytes: clients count on it. */
export const BLOCK_SIZE = 64 * 1024;

/** Bytes of a digest: enough that no two different blocks of all disks there are share one. */
export const DIGEST_SIZE = 16;

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
const ZEROS_DIGEST = hash(ZEROS);

function hash(block: Buffer): Buffer {
  return createHash('sha256').update(block).digest().subarray(0, DIGEST_SIZE);
}

/** Digest of a block. Zeros, most of most disks, cost a comparison. A short block counts as filled up with zeros. */
export function digestOf(block: Buffer): Buffer {
  if (block.equals(ZEROS.subarray(0, block.length))) return ZEROS_DIGEST;
  return hash(block.length === BLOCK_SIZE ? block : Buffer.concat([block, ZEROS.subarray(block.length)]));
}

/** Digests of all blocks of a stream, one after the other. */
export async function* digestsOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const block of blocksOf(stream)) yield digestOf(block);
}

/** Digest of what lies past the end of a disk. */
export function digestOfNothing(): Buffer {
  return ZEROS_DIGEST;
}
