import { ByteSource } from '../../xva/byte-source.js';
import type { DiskExtent, DiskFile } from '../disk-file.js';
import type { DiskStream } from '../disk-stream.js';
import type { Spool } from '../spool.js';

/** A disk of a test: its bytes, and the parts that are more than zeros. */
export interface TestDisk {
  readonly bytes: Buffer;
  readonly extents: readonly DiskExtent[];
}

/** Numbers that look random and are the same for one seed. */
export function numbersOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A disk of up to some megabytes with parts of all kinds: long, short, at odd places, at its end. */
export function someDisk(seed: number): TestDisk {
  const next = numbersOf(seed);
  const size = 512 * next(20_000) + (seed % 3 === 0 ? next(512) : 0);
  const bytes = Buffer.alloc(size);
  const extents: DiskExtent[] = [];
  for (let at = next(4) === 0 ? 0 : next(size + 1); at < size; ) {
    const length = Math.min(size - at, 1 + next([600, 70_000, 3_000_000][next(3)] ?? 1));
    for (let byte = 0; byte < length; byte += 1 + next(40)) bytes[at + byte] = next(256);
    extents.push({ offset: at, length });
    at += length + 1 + next([600, 70_000, 3_000_000][next(3)] ?? 1);
  }
  return { bytes, extents };
}

/** A disk file as bytes, as whoever sends it would put them together. */
export function bytesOf(file: DiskFile, disk: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (const part of file.parts()) {
    if (part.kind === 'bytes') pieces.push(part.bytes);
    else if (part.kind === 'zeros') pieces.push(Buffer.alloc(part.length));
    else {
      if (part.offset + part.length > disk.length) throw new Error('a part behind the end of the disk');
      pieces.push(disk.subarray(part.offset, part.offset + part.length));
    }
  }
  return Buffer.concat(pieces);
}

/** Bytes as a stream that comes in pieces of odd sizes. */
export function sourceOf(bytes: Buffer, seed = 1): ByteSource {
  const next = numbersOf(seed);
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + next(100_000);
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }
  return new ByteSource(pieces());
}

/** What a stream makes of a disk of so many bytes. */
export async function applied(stream: DiskStream, size: number, before: Buffer = Buffer.alloc(size)): Promise<Buffer> {
  const bytes = Buffer.from(before);
  for await (const { offset, data } of stream.pieces()) {
    if (offset + data.length > size) throw new Error('a piece behind the end of the disk');
    data.copy(bytes, offset);
  }
  return bytes;
}

/** Keeps parts of a stream in memory. */
export class MemorySpool implements Spool {
  readonly #kept: { readonly at: number; readonly bytes: Buffer }[] = [];

  async keep(at: number, bytes: Buffer): Promise<void> {
    this.#kept.push({ at, bytes: Buffer.from(bytes) });
  }

  async find(at: number, length: number): Promise<Buffer | undefined> {
    const result = Buffer.alloc(length);
    let found = 0;
    for (const { at: start, bytes } of this.#kept) {
      const [from, to] = [Math.max(at, start), Math.min(at + length, start + bytes.length)];
      if (from < to) found += bytes.copy(result, from - at, from - start, to - start);
    }
    return found === length && length > 0 ? result : undefined;
  }

  /** Bytes that were kept. */
  get size(): number {
    return this.#kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}
