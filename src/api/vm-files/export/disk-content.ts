import type { Extent, VolumeContent } from '../../../host/volume-content.js';
import { CHUNK_SIZE } from '../../../wire/xva/disk-chunks.js';
import type { DiskWriter } from '../../../wire/xva/disk-writer.js';
import { TAR_BLOCK } from '../../../wire/xva/tar-header.js';

/** Pieces that are read ahead of the one that is being sent: storage and network work at the same time. */
const READ_AHEAD = 4;

/** Milliseconds without anything to send after which a sign of life goes out: some lines are cut when they are idle for longer. */
const SILENCE = 5000;

/** Bytes before a piece, its header, and behind it: what fills a block up, and a file with a checksum. */
const [BEFORE, BEHIND] = [TAR_BLOCK, 3 * TAR_BLOCK];

const ZEROS = Buffer.alloc(CHUNK_SIZE);

/** What sending a disk tells. */
export interface DiskProgress {
  /** Sees how many bytes of the disk are done. Throws to stop. */
  done(bytes: number): void;
}

/**
 * The entries of a disk of so many bytes: the first and the last piece, and between them those that hold anything but zeros. The memory of
 * what is given is used again when the next one is asked for.
 */
export async function* diskEntries(
  content: VolumeContent,
  size: number,
  writer: DiskWriter,
  progress: DiskProgress,
): AsyncGenerator<Buffer, void, void> {
  const last = Math.ceil(size / CHUNK_SIZE) - 1;
  const numbers = filledChunks(await content.extents(), last);
  const ahead: { readonly number: number; readonly memory: Buffer; readonly data: Promise<Buffer> }[] = [];
  const free: Buffer[] = [];
  let sent = -1;
  let spoken = Date.now();
  try {
    for (;;) {
      while (ahead.length < READ_AHEAD) {
        const number = numbers.next().value;
        if (number === undefined) break;
        const offset = number * CHUNK_SIZE;
        const memory = free.pop() ?? Buffer.allocUnsafeSlow(BEFORE + CHUNK_SIZE + BEHIND);
        const data = content.read(offset, Math.min(CHUNK_SIZE, size - offset), memory.subarray(BEFORE));
        // Whoever gives up waits for none of them.
        data.catch(() => undefined);
        ahead.push({ number, memory, data });
      }
      const next = ahead.shift();
      if (!next) break;
      const { number, memory } = next;
      progress.done(number * CHUNK_SIZE);
      const data = await next.data;
      const between = number !== 0 && number !== last;
      if (between && isZero(data)) {
        if (Date.now() - spoken < SILENCE) {
          free.push(memory);
          continue;
        }
        writer.zeros(number - sent - 1);
        yield* writer.keepAlive();
        sent = number - 1;
      } else {
        writer.zeros(number - sent - 1);
        yield entry(memory, data, writer);
        sent = number;
      }
      free.push(memory);
      spoken = Date.now();
    }
  } finally {
    await Promise.allSettled(ahead.map(({ data }) => data));
  }
  progress.done(size);
}

/** A piece, which lies in its memory, with what stands before and behind it: in one part they are sent at once. */
function entry(memory: Buffer, data: Buffer, writer: DiskWriter): Buffer {
  const { before, after } = writer.around(data);
  const [start, end] = [BEFORE - before.length, BEFORE + data.length];
  before.copy(memory, start);
  const behind = after.copy(memory, end);
  return memory.subarray(start, end + behind);
}

/** Numbers of the pieces that may hold anything but zeros, and of the first and the last one, which must be there. */
function* filledChunks(extents: readonly Extent[], last: number): Generator<number, undefined, void> {
  if (last < 0) return undefined;
  yield 0;
  let next = 1;
  for (const { offset, length } of extents) {
    if (length <= 0) continue;
    next = Math.max(next, Math.floor(offset / CHUNK_SIZE));
    const end = Math.floor((offset + length - 1) / CHUNK_SIZE);
    for (; next <= end && next < last; next++) yield next;
  }
  if (last > 0) yield last;
  return undefined;
}

function isZero(data: Buffer): boolean {
  return data.equals(data.length === CHUNK_SIZE ? ZEROS : ZEROS.subarray(0, data.length));
}
