import { badFile } from '../../xva/file-error.js';

/** What a table of the second level tells of clusters of its part of the disk. Places and lengths in bytes. */
export type TableEntry =
  | { readonly kind: 'data'; readonly cluster: number; readonly count: number; readonly at: number }
  | { readonly kind: 'compressed'; readonly cluster: number; readonly at: number; readonly length: number };

const COMPRESSED = 0x40000000;
const SECTOR = 512;

/** Where something is, as the entry of a table says; 0 for nowhere. Throws IMPORT_ERROR where no cluster can be. */
export function placeOf(table: Buffer, index: number, clusterSize: number): number {
  const at = (table.readUInt32BE(index * 8) & 0x00ffffff) * 2 ** 32 + ((table.readUInt32BE(index * 8 + 4) & 0xfffffe00) >>> 0);
  if (at % clusterSize !== 0) throw badFile('a table of the qcow2 image tells of a place where no cluster can be');
  return at;
}

/** The clusters that hold anything but zeros; those that follow one another both in the file and on the disk are one entry. */
export function* entriesOf(table: Buffer, clusterSize: number): Generator<TableEntry> {
  let run: { cluster: number; count: number; at: number } | undefined;
  for (let cluster = 0; cluster * 8 < table.length; cluster++) {
    if ((table.readUInt32BE(cluster * 8) & COMPRESSED) !== 0) {
      yield compressed(table, cluster, clusterSize);
      continue;
    }
    const at = placeOf(table, cluster, clusterSize);
    const isZeros = (table.readUInt8(cluster * 8 + 7) & 1) !== 0;
    if (at === 0 || isZeros) continue;
    if (run !== undefined && cluster === run.cluster + run.count && at === run.at + run.count * clusterSize) {
      run.count++;
      continue;
    }
    if (run !== undefined) yield { kind: 'data', ...run };
    run = { cluster, count: 1, at };
  }
  if (run !== undefined) yield { kind: 'data', ...run };
}

/** The place in single bytes, and the number of sectors in which the compressed bytes lie after the first. */
function compressed(table: Buffer, cluster: number, clusterSize: number): TableEntry {
  const entry = table.readBigUInt64BE(cluster * 8) & 0x3fffffffffffffffn;
  const bits = BigInt(62 - (Math.log2(clusterSize) - 8));
  const at = Number(entry & ((1n << bits) - 1n));
  if (!Number.isSafeInteger(at)) throw badFile('a table of the qcow2 image tells of a place where no cluster can be');
  const length = (Number(entry >> bits) + 1) * SECTOR - (at % SECTOR);
  return { kind: 'compressed', cluster, at, length };
}
