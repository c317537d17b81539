import {
  type BlockRun,
  blockRuns,
  bytesPart,
  type DiskDescription,
  type DiskFile,
  DiskWalk,
  type FilePart,
  roundUp,
  zerosPart,
} from '../disk-file.js';
import { CLUSTER, L2_ENTRIES, l1EntriesOf, putOwn, refcountBlocks, refcountsFor, refcountTable } from './clusters.js';
import { encodeHeader } from './header.js';

const SECTOR = 512;

/**
 * A disk as a qcow2 image: first everything that tells where data is, then the data in its order, so that it can be written and
 * read from start to end.
 */
export function qcow2File({ size: given, extents }: DiskDescription): DiskFile {
  const size = roundUp(given, SECTOR);
  const runs = [...blockRuns(extents, CLUSTER)];
  const data = runs.reduce((sum, { count }) => sum + count, 0);
  const entries = l1EntriesOf(size);
  const l1 = Math.ceil(entries / L2_ENTRIES);
  const l2 = [...tablesOf(runs)].length;
  const refcounts = refcountsFor(1 + l1 + l2 + data);
  const tableAt = (1 + l1) * CLUSTER;
  const blocksAt = tableAt + refcounts.table * CLUSTER;
  const l2At = blocksAt + refcounts.blocks * CLUSTER;
  const clusters = 1 + l1 + refcounts.table + refcounts.blocks + l2 + data;
  return {
    length: clusters * CLUSTER,
    *parts() {
      const places = { l1: { at: CLUSTER, entries }, refcounts: { at: tableAt, clusters: refcounts.table } };
      yield* padded(encodeHeader({ size, clusterSize: CLUSTER, ...places }));
      yield* padded(l1Of(runs, entries, l2At));
      yield* padded(refcountTable(refcounts.blocks, blocksAt));
      for (const block of refcountBlocks(clusters)) yield* padded(block);
      yield* l2Tables(runs, l2At + l2 * CLUSTER);
      const walk = new DiskWalk(extents);
      for (const { first, count } of runs) yield* walk.between(first * CLUSTER, (first + count) * CLUSTER);
    },
  };
}

/** Numbers of the tables of the second level that tell of any cluster. */
function* tablesOf(runs: readonly BlockRun[]): Generator<number> {
  let next = 0;
  for (const { first, count } of runs) {
    const last = Math.floor((first + count - 1) / L2_ENTRIES);
    for (next = Math.max(next, Math.floor(first / L2_ENTRIES)); next <= last; next++) yield next;
  }
}

function l1Of(runs: readonly BlockRun[], entries: number, l2At: number): Buffer {
  const table = Buffer.alloc(entries * 8);
  let at = l2At;
  for (const index of tablesOf(runs)) {
    putOwn(table, index, at);
    at += CLUSTER;
  }
  return table;
}

function* l2Tables(runs: readonly BlockRun[], dataAt: number): Generator<FilePart> {
  let at = dataAt;
  let current: number | undefined;
  let table = Buffer.alloc(CLUSTER);
  for (const { first, count } of runs) {
    for (let cluster = first; cluster < first + count; cluster++) {
      const index = Math.floor(cluster / L2_ENTRIES);
      if (current !== undefined && index !== current) {
        yield bytesPart(table);
        table = Buffer.alloc(CLUSTER);
      }
      current = index;
      putOwn(table, cluster % L2_ENTRIES, at);
      at += CLUSTER;
    }
  }
  if (current !== undefined) yield bytesPart(table);
}

function* padded(bytes: Buffer): Generator<FilePart> {
  yield bytesPart(bytes);
  yield* zerosPart(roundUp(bytes.length, CLUSTER) - bytes.length);
}
