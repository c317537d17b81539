import { CLUSTER, L2_ENTRIES, l1EntriesOf, putOwn, refcountBlocks, refcountsFor, refcountTable } from './clusters.js';
import { encodeHeader } from './header.js';

/** Largest disk whose clusters are kept track of in memory, in bytes: where all of it is written, that takes 256 MB. */
export const LARGEST_GROWING = 4 * 2 ** 40;

/** Bytes with their place in a file. */
export interface PlacedBytes {
  readonly at: number;
  readonly bytes: Buffer;
}

/** A part of a disk that lies in one piece in the file. In bytes. */
export interface PlacedPart {
  readonly offset: number;
  readonly length: number;
  readonly at: number;
}

/**
 * A qcow2 image that is made of what is written, in whatever order: clusters follow one another in the file as they are first
 * written to, and everything that tells where they are comes at the end. What was never written in a cluster that was begun must be
 * zeros in the file.
 */
export class GrowingImage {
  readonly #size: number;
  /** By number of the table of the second level: numbers of clusters of the file, 0 for none. */
  readonly #tables = new Map<number, Uint32Array>();
  readonly #l1: number;
  #next: number;

  /** Size of the disk in bytes. */
  constructor(size: number) {
    this.#size = size;
    this.#l1 = Math.ceil(l1EntriesOf(size) / L2_ENTRIES);
    this.#next = 1 + this.#l1;
  }

  /** Where a part of the disk is to be written. */
  *place(offset: number, length: number): Generator<PlacedPart> {
    yield* this.#parts(offset, length, (cluster) => this.#find(cluster) || this.#allocate(cluster));
  }

  /** Where a part of the disk was written, as far as it was; the rest is zeros. */
  *find(offset: number, length: number): Generator<PlacedPart> {
    for (const part of this.#parts(offset, length, (cluster) => this.#find(cluster))) if (part.at > 0) yield part;
  }

  /** Numbers of the clusters that were written to, ascending. */
  *clusters(): Generator<number> {
    for (const [index, table] of this.#sorted())
      for (const [entry, place] of table.entries()) if (place > 0) yield index * L2_ENTRIES + entry;
  }

  /** What makes an image of what was written, in an order in which it is one only when all of it is there; then bytes of the file. */
  *finish(): Generator<PlacedBytes, number> {
    const tables = [...this.#sorted()];
    const entries = l1EntriesOf(this.#size);
    const l1 = Buffer.alloc(entries * 8);
    let at = this.#next * CLUSTER;
    for (const [index, table] of tables) {
      yield { at, bytes: l2Of(table) };
      putOwn(l1, index, at);
      at += CLUSTER;
    }
    const refcounts = refcountsFor(this.#next + tables.length);
    const clusters = this.#next + tables.length + refcounts.blocks + refcounts.table;
    const blocksAt = at;
    for (const bytes of refcountBlocks(clusters)) {
      yield { at, bytes };
      at += CLUSTER;
    }
    yield { at, bytes: refcountTable(refcounts.blocks, blocksAt) };
    yield { at: CLUSTER, bytes: l1 };
    const places = { l1: { at: CLUSTER, entries }, refcounts: { at, clusters: refcounts.table } };
    yield { at: 0, bytes: encodeHeader({ size: this.#size, clusterSize: CLUSTER, ...places }) };
    return clusters * CLUSTER;
  }

  /** Cuts a part where it does not go on in the file. */
  *#parts(offset: number, length: number, placeOf: (cluster: number) => number): Generator<PlacedPart> {
    const end = offset + length;
    let part: { offset: number; length: number; at: number } | undefined;
    for (let start = offset; start < end; ) {
      const cluster = Math.floor(start / CLUSTER);
      const stop = Math.min(end, (cluster + 1) * CLUSTER);
      const place = placeOf(cluster);
      const at = place === 0 ? 0 : place * CLUSTER + (start % CLUSTER);
      if (part !== undefined && at > 0 && at === part.at + part.length) part.length += stop - start;
      else {
        if (part !== undefined) yield part;
        part = { offset: start, length: stop - start, at };
      }
      start = stop;
    }
    if (part !== undefined) yield part;
  }

  #find(cluster: number): number {
    return this.#tables.get(Math.floor(cluster / L2_ENTRIES))?.[cluster % L2_ENTRIES] ?? 0;
  }

  #allocate(cluster: number): number {
    const index = Math.floor(cluster / L2_ENTRIES);
    let table = this.#tables.get(index);
    if (table === undefined) {
      table = new Uint32Array(L2_ENTRIES);
      this.#tables.set(index, table);
    }
    const place = this.#next++;
    table[cluster % L2_ENTRIES] = place;
    return place;
  }

  #sorted(): readonly (readonly [number, Uint32Array])[] {
    return [...this.#tables].sort(([first], [second]) => first - second);
  }
}

function l2Of(places: Uint32Array): Buffer {
  const table = Buffer.alloc(CLUSTER);
  for (const [entry, place] of places.entries()) if (place > 0) putOwn(table, entry, place * CLUSTER);
  return table;
}
