import { badFile } from '../xva/file-error.js';

/** Most runs that wait to be read, which are 100 MB: each is data that lies together both in the file and on the disk. */
const MOST_RUNS = 2 ** 22;
/** Numbers that are kept of a run. */
const FIELDS = 3;

/** Something that lies in one piece in a file: a table, or data of the disk. In bytes. */
export interface FileRun {
  readonly at: number;
  readonly length: number;
  /** Where the first byte belongs on the disk. Of a table: below 0, -1 for the first, -2 for the second and so on. */
  readonly offset: number;
}

/** Runs of a file that have to be read, to be taken in the order in which they lie there; more may come meanwhile. */
export class FileRuns {
  #heap = new Float64Array(1024 * FIELDS);
  #count = 0;

  /** Throws IMPORT_ERROR when there are too many. */
  add({ at, length, offset }: FileRun): void {
    if (this.#count >= MOST_RUNS) throw badFile('the data of the image lies in too many pieces');
    if ((this.#count + 1) * FIELDS > this.#heap.length) this.#grow();
    let place = this.#count++;
    for (let above = (place - 1) >> 1; place > 0 && this.#at(above) > at; above = (place - 1) >> 1) {
      this.#copy(above, place);
      place = above;
    }
    this.#heap.set([at, length, offset], place * FIELDS);
  }

  /** The run that begins first; undefined when there is none. */
  take(): FileRun | undefined {
    if (this.#count === 0) return undefined;
    const [at = 0, length = 0, offset = 0] = this.#heap;
    this.#count--;
    this.#sink(this.#heap.slice(this.#count * FIELDS, (this.#count + 1) * FIELDS));
    return { at, length, offset };
  }

  /** Puts the last run where the first was, or below. */
  #sink(last: Float64Array): void {
    const [key = 0] = last;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#count) break;
      if (below + 1 < this.#count && this.#at(below + 1) < this.#at(below)) below++;
      if (this.#at(below) >= key) break;
      this.#copy(below, place);
      place = below;
    }
    this.#heap.set(last, place * FIELDS);
  }

  #at(place: number): number {
    return this.#heap[place * FIELDS] ?? 0;
  }

  #copy(from: number, to: number): void {
    this.#heap.copyWithin(to * FIELDS, from * FIELDS, (from + 1) * FIELDS);
  }

  #grow(): void {
    const larger = new Float64Array(this.#heap.length * 2);
    larger.set(this.#heap);
    this.#heap = larger;
  }
}
