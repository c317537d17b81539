/** A part of a disk, in bytes. */
export interface DiskExtent {
  readonly offset: number;
  readonly length: number;
}

/** A part of a file: bytes that are given, bytes of the disk, or zeros. */
export type FilePart =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | ({ readonly kind: 'disk' } & DiskExtent)
  | { readonly kind: 'zeros'; readonly length: number };

/** A disk in a file of some format, of which everything is known but the bytes of the disk. */
export interface DiskFile {
  /** Bytes of the whole file. */
  readonly length: number;
  /** The parts of the file from its start to its end. */
  parts(): Iterable<FilePart>;
}

/** What a file is made of. */
export interface DiskDescription {
  /** Bytes of the disk. */
  readonly size: number;
  /** The parts of the disk that are to be in the file, ascending, apart and within its size. What is elsewhere is zeros. */
  readonly extents: readonly DiskExtent[];
}

/** Given bytes as a part of a file. */
export function bytesPart(bytes: Buffer): FilePart {
  return { kind: 'bytes', bytes };
}

/** Zeros as a part of a file; none of no length. */
export function* zerosPart(length: number): Generator<FilePart> {
  if (length > 0) yield { kind: 'zeros', length };
}

/** Walks along the parts of a disk once, for a file that has the content of the disk in ascending order. */
export class DiskWalk {
  readonly #extents: readonly DiskExtent[];
  #next = 0;

  constructor(extents: readonly DiskExtent[]) {
    this.#extents = extents;
  }

  /** What the disk has between two offsets, with zeros where it has nothing. Must begin where the last one ended, or behind. */
  *between(start: number, end: number): Generator<FilePart> {
    let at = start;
    for (const { offset, length } of this.within(start, end)) {
      yield* zerosPart(offset - at);
      yield { kind: 'disk', offset, length };
      at = offset + length;
    }
    yield* zerosPart(end - at);
  }

  /** The parts that lie between two offsets. */
  *within(start: number, end: number): Generator<DiskExtent> {
    for (;;) {
      const extent = this.#extents[this.#next];
      if (extent === undefined || extent.offset >= end) return;
      const from = Math.max(start, extent.offset);
      const to = Math.min(end, extent.offset + extent.length);
      if (from < to) yield { offset: from, length: to - from };
      if (extent.offset + extent.length > end) return;
      this.#next++;
    }
  }
}

/** Blocks in a row of which each holds something. */
export interface BlockRun {
  readonly first: number;
  readonly count: number;
}

/** The blocks of a disk that hold something of its parts, as runs that do not touch. Size of a block in bytes. */
export function* blockRuns(extents: readonly DiskExtent[], blockSize: number): Generator<BlockRun> {
  let first = 0;
  let end = 0;
  for (const { offset, length } of extents) {
    if (length <= 0) continue;
    const start = Math.floor(offset / blockSize);
    const stop = Math.ceil((offset + length) / blockSize);
    if (start > end) {
      if (end > first) yield { first, count: end - first };
      first = start;
    } else if (end === 0) first = start;
    end = Math.max(end, stop);
  }
  if (end > first) yield { first, count: end - first };
}

/** A number of bytes with what is missing to a multiple of a unit. */
export function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
