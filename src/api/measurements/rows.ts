/** Rows that memory is taken for at first; it doubles from there, so that a young archive is small. */
const FIRST_ROWS = 8;

/**
 * The rows of an archive in a ring: a row has a value for each column, and each next row ends a fixed time after the one
 * before. Values are kept with seven digits (32 bits), which halves the memory and is more than any chart shows.
 */
export class Rows {
  readonly columns: number;
  readonly capacity: number;
  /** Seconds from row to row. */
  readonly interval: number;
  #values: Float32Array;
  #allocated: number;
  /** Place of the newest row in the ring. */
  #head = -1;
  #count = 0;
  #newest = 0;

  constructor(columns: number, capacity: number, interval: number) {
    this.columns = columns;
    this.capacity = capacity;
    this.interval = interval;
    this.#allocated = Math.min(FIRST_ROWS, capacity);
    this.#values = new Float32Array(this.#allocated * columns);
  }

  get count(): number {
    return this.#count;
  }

  /** Time at which the newest row ends, in seconds since the epoch; 0 while there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Bytes that the values take. */
  get bytes(): number {
    return this.#values.byteLength;
  }

  /** Adds the row that ends at a time. Times between the newest row and this one are filled with unknown rows. */
  push(time: number, values: ArrayLike<number>): void {
    const gap = this.#count ? (time - this.#newest) / this.interval - 1 : 0;
    if (gap >= this.capacity) this.clear();
    else for (let i = 0; i < gap; i++) this.#next().fill(Number.NaN);
    this.#next().set(values);
    this.#newest = time;
  }

  /** The value of a column in the row that ends at a time; NaN where there is no such row. */
  at(time: number, column: number): number {
    const back = (this.#newest - time) / this.interval;
    if (!(back >= 0 && back < this.#count) || column < 0) return Number.NaN;
    const row = (this.#head - Math.floor(back) + this.#allocated) % this.#allocated;
    return this.#values[row * this.columns + column] ?? Number.NaN;
  }

  /** Forgets what one column has been. */
  erase(column: number): void {
    for (let at = column; at < this.#values.length; at += this.columns) this.#values[at] = Number.NaN;
  }

  /** Forgets the rows that end after a time: the clock was wrong. */
  cutAfter(time: number): void {
    if (!this.#count || this.#newest <= time) return;
    const gone = Math.ceil((this.#newest - time) / this.interval);
    if (gone >= this.#count) {
      this.clear();
      return;
    }
    this.#count -= gone;
    this.#newest -= gone * this.interval;
    this.#head = (this.#head - gone + this.#allocated) % this.#allocated;
  }

  clear(): void {
    this.#head = -1;
    this.#count = 0;
    this.#newest = 0;
  }

  /**
   * The same rows with other columns: `from` has for each new column the old one, or -1 for one that is new. Whoever reads
   * the old rows may go on: they are no longer written to.
   */
  withColumns(from: readonly number[]): Rows {
    const next = new Rows(from.length, this.capacity, this.interval);
    const row = new Float32Array(from.length);
    for (let back = this.#count - 1; back >= 0; back--) {
      const time = this.#newest - back * this.interval;
      for (const [column, old] of from.entries()) row[column] = old < 0 ? Number.NaN : this.at(time, old);
      next.push(time, row);
    }
    return next;
  }

  /** All values, oldest row first. */
  snapshot(): Float32Array {
    const all = new Float32Array(this.#count * this.columns);
    for (let i = 0; i < this.#count; i++) {
      const row = (this.#head - (this.#count - 1 - i) + this.#allocated) % this.#allocated;
      all.set(this.#values.subarray(row * this.columns, (row + 1) * this.columns), i * this.columns);
    }
    return all;
  }

  /** Takes over what `snapshot` gave, the newest row of which ends at a time. */
  restore(all: Float32Array, newest: number): void {
    const count = this.columns ? Math.floor(all.length / this.columns) : 0;
    this.clear();
    for (let i = Math.max(0, count - this.capacity); i < count; i++)
      this.push(newest - (count - 1 - i) * this.interval, all.subarray(i * this.columns, (i + 1) * this.columns));
  }

  /** Room for one more row, the oldest one's where there is no more to be had. */
  #next(): Float32Array {
    if (this.#count === this.#allocated && this.#allocated < this.capacity) this.#grow();
    this.#head = (this.#head + 1) % this.#allocated;
    this.#count = Math.min(this.#count + 1, this.#allocated);
    return this.#values.subarray(this.#head * this.columns, (this.#head + 1) * this.columns);
  }

  #grow(): void {
    const old = this.snapshot();
    this.#allocated = Math.min(this.#allocated * 2, this.capacity);
    this.#values = new Float32Array(this.#allocated * this.columns);
    this.#values.set(old);
    this.#head = this.#count - 1;
  }
}
