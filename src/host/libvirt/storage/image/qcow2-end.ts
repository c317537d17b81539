import type { FileHandle } from 'node:fs/promises';
import { readAt } from './identify.js';
import { safeNumber } from './image-facts.js';

/** Part of the header that is needed here. */
const HEADER = 104;
const MAGIC = 0x514649fb;
/** Largest table of counts that QEMU opens. */
const LARGEST_TABLE = 8 * 2 ** 20;
/** Images of these sizes of clusters, as powers of two, are ones that QEMU opens. */
const CLUSTER_BITS = { least: 9, most: 21 };

/**
 * Bytes from the start of a qcow2 image to the end of the last part of it that is in use, from its counts of references: few reads,
 * whatever its size. Undefined for what is no such image or a damaged one. Nobody may be writing to it.
 */
export async function qcow2End(file: FileHandle): Promise<number | undefined> {
  const header = await readAt(file, 0, HEADER);
  if (header.length < HEADER || header.readUInt32BE(0) !== MAGIC) return undefined;
  const clusterBits = header.readUInt32BE(20);
  if (clusterBits < CLUSTER_BITS.least || clusterBits > CLUSTER_BITS.most) return undefined;
  const cluster = 2 ** clusterBits;
  const table = safeNumber(header.readBigUInt64BE(48));
  const length = header.readUInt32BE(56) * cluster;
  // Counts have two bytes each in version 2, and in version 3 as long as nobody asks for something else.
  const bits = header.readUInt32BE(4) === 2 ? 16 : 2 ** Math.min(7, header.readUInt32BE(96));
  if (table === undefined || length > LARGEST_TABLE || bits > 64) return undefined;
  const counted = (cluster * 8) / bits;
  const entries = await readAt(file, table, length);
  for (let block = Math.floor(entries.length / 8) - 1; block >= 0; block--) {
    const offset = safeNumber(entries.readBigUInt64BE(block * 8));
    if (offset === undefined) return undefined;
    if (offset === 0) continue;
    const counts = await readAt(file, offset, cluster);
    let last = counts.length - 1;
    while (last >= 0 && counts[last] === 0) last--;
    // The byte of a count that is not zero tells the count, whatever else is in it; several may share a byte.
    if (last >= 0) return (block * counted + Math.floor(((last + 1) * 8 - 1) / bits) + 1) * cluster;
  }
  return undefined;
}
