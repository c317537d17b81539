import type { Extent } from '../host/volume-content.js';

/** A part of a disk that holds data, or reads as zeros. In bytes. */
export interface Part extends Extent {
  readonly isZero: boolean;
}

/** Which parts of a disk hold data, by a list that is ascending and merged. */
export class FilledBlocks {
  readonly #extents: readonly Extent[];

  constructor(extents: readonly Extent[]) {
    this.#extents = extents;
  }

  /** Cuts a part of the disk where data and zeros meet. Runs of zeros that are shorter than `smallestHole` count as data. */
  *parts(offset: number, length: number, smallestHole = 1): Generator<Part> {
    const end = offset + length;
    let data = offset;
    let at = offset;
    for (let i = this.#firstBehind(offset); at < end; i++) {
      const extent = this.#extents[i];
      const start = extent === undefined ? end : Math.min(Math.max(extent.offset, offset), end);
      // A run of zeros lies between `at` and `start`; what has been passed over before it is data.
      if (start - at >= smallestHole) {
        if (at > data) yield { offset: data, length: at - data, isZero: false };
        yield { offset: at, length: start - at, isZero: true };
        data = start;
      }
      at = extent === undefined ? end : Math.max(start, Math.min(extent.offset + extent.length, end));
    }
    if (end > data) yield { offset: data, length: end - data, isZero: false };
  }

  /** Number of the first extent that ends behind an offset. */
  #firstBehind(offset: number): number {
    let [low, high] = [0, this.#extents.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const extent = this.#extents[middle];
      if (extent !== undefined && extent.offset + extent.length <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
