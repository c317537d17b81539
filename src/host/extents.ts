import type { Extent } from './volume-content.js';

/**
 * Most parts of a disk in one list, which are some 20 MB of memory: a disk of 1 TiB that is written to in every second of its
 * blocks has 8 million.
 */
const MOST_EXTENTS = 2 ** 18;

/**
 * Gathers parts of a disk that come in ascending order. Those that touch become one; where they get too many, so do those with
 * small gaps between them, so that the list says "perhaps" of a little more than it has to.
 */
export class ExtentList {
  readonly #most: number;
  #extents: { offset: number; length: number }[] = [];
  #gap = 0;

  constructor(most = MOST_EXTENTS) {
    this.#most = most;
  }

  /** Adds a part that begins behind the start of the last one. */
  add(offset: number, length: number): void {
    if (length <= 0) return;
    const last = this.#extents.at(-1);
    if (last !== undefined && offset <= last.offset + last.length + this.#gap) {
      last.length = Math.max(last.length, offset + length - last.offset);
      return;
    }
    this.#extents.push({ offset, length });
    while (this.#extents.length > this.#most) this.#coarsen();
  }

  all(): readonly Extent[] {
    return this.#extents;
  }

  #coarsen(): void {
    this.#gap = this.#gap === 0 ? 65_536 : this.#gap * 2;
    const found = this.#extents;
    this.#extents = [];
    for (const { offset, length } of found) this.add(offset, length);
  }
}

/** What lies in one list of parts or in the other; each is ascending. */
export function unionOf(first: readonly Extent[], second: readonly Extent[]): readonly Extent[] {
  const list = new ExtentList();
  let [a, b] = [0, 0];
  for (;;) {
    const [left, right] = [first[a], second[b]];
    if (left !== undefined && (right === undefined || left.offset <= right.offset)) {
      list.add(left.offset, left.length);
      a++;
    } else if (right !== undefined) {
      list.add(right.offset, right.length);
      b++;
    } else return list.all();
  }
}

/** What lies in both lists of parts; each is ascending. */
export function intersectionOf(first: readonly Extent[], second: readonly Extent[]): readonly Extent[] {
  const list = new ExtentList();
  for (let [a, b] = [0, 0]; ; ) {
    const [left, right] = [first[a], second[b]];
    if (left === undefined || right === undefined) return list.all();
    const [leftEnd, rightEnd] = [left.offset + left.length, right.offset + right.length];
    const start = Math.max(left.offset, right.offset);
    list.add(start, Math.min(leftEnd, rightEnd) - start);
    if (leftEnd <= rightEnd) a++;
    else b++;
  }
}

/** What of some parts lies between two offsets. */
export function within(extents: readonly Extent[], start: number, end: number): readonly Extent[] {
  const list = new ExtentList();
  for (const extent of extents) {
    const from = Math.max(extent.offset, start);
    list.add(from, Math.min(extent.offset + extent.length, end) - from);
  }
  return list.all();
}

/** A part in pieces of at most so many bytes, cut at multiples of that. */
export function* pieces({ offset, length }: Extent, size: number): Generator<Extent> {
  const end = offset + length;
  for (let at = offset; at < end; ) {
    const next = Math.min(end, at - (at % size) + size);
    yield { offset: at, length: next - at };
    at = next;
  }
}
