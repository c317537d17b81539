import { badFile } from '../../xva/file-error.js';

/** Bytes of the part of a header that is read; version 2 has fewer, and data behind them. */
export const HEADER_LENGTH = 104;

const MAGIC = 0x514649fb;
/** Width of the counters of users of clusters, as a power of 2 in bits: what version 2 has, too. */
const REFCOUNT_ORDER = 4;
/** Features without which an image cannot be read. Of these, a dirty image is one whose counters are out of date. */
const DIRTY = 1n;
const EXTERNAL_DATA = 4n;
const CLUSTER_BITS = { least: 9, most: 21 };
/** Largest disk that is read, in bytes: far above real ones, and the first table of its image has few megabytes. */
const LARGEST = 64 * 2 ** 40;
/** Largest first table that QEMU opens, in bytes. */
const LARGEST_L1 = 32 * 2 ** 20;

/** What a header says. Sizes and offsets in bytes. */
export interface Qcow2Header {
  readonly size: number;
  readonly clusterSize: number;
  readonly l1: { readonly at: number; readonly entries: number };
}

/** What the header of an image that is written says besides. */
export interface NewHeader extends Qcow2Header {
  readonly refcounts: { readonly at: number; readonly clusters: number };
}

/** Makes the header of an image that is whole in its file. */
export function encodeHeader({ size, clusterSize, l1, refcounts }: NewHeader): Buffer {
  // Behind it the end of the list of what may be added to a header: eight zeros.
  const bytes = Buffer.alloc(HEADER_LENGTH + 8);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(Math.log2(clusterSize), 20);
  bytes.writeBigUInt64BE(BigInt(size), 24);
  bytes.writeUInt32BE(l1.entries, 36);
  bytes.writeBigUInt64BE(BigInt(l1.at), 40);
  bytes.writeBigUInt64BE(BigInt(refcounts.at), 48);
  bytes.writeUInt32BE(refcounts.clusters, 56);
  bytes.writeUInt32BE(REFCOUNT_ORDER, 96);
  bytes.writeUInt32BE(HEADER_LENGTH, 100);
  return bytes;
}

/**
 * Reads a header. Throws IMPORT_ERROR for what is no qcow2 image or makes no sense, and for images that are not whole in their file,
 * encrypted or damaged: what they name elsewhere is never looked at.
 */
export function decodeHeader(bytes: Buffer): Qcow2Header {
  if (bytes.readUInt32BE(0) !== MAGIC) throw badFile('the file is no qcow2 image');
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw badFile('the qcow2 image is of an unknown version');
  if (bytes.readBigUInt64BE(8) !== 0n) throw badFile('the qcow2 image is not whole: it stands on another one');
  if (bytes.readUInt32BE(32) !== 0) throw badFile('the qcow2 image is encrypted');
  const features = version === 3 ? bytes.readBigUInt64BE(72) : 0n;
  if ((features & EXTERNAL_DATA) !== 0n) throw badFile('the qcow2 image is not whole: its data lies in another file');
  if ((features & ~DIRTY) !== 0n) throw badFile('the qcow2 image is damaged or has features that are unknown here');
  const clusterBits = bytes.readUInt32BE(20);
  if (clusterBits < CLUSTER_BITS.least || clusterBits > CLUSTER_BITS.most)
    throw badFile('the size of the clusters of the qcow2 image makes no sense');
  const clusterSize = 2 ** clusterBits;
  const size = Number(bytes.readBigUInt64BE(24));
  const entries = bytes.readUInt32BE(36);
  if (size > LARGEST || entries * 8 > LARGEST_L1) throw badFile('the size of the qcow2 image makes no sense');
  if (entries < Math.ceil(size / clusterSize / (clusterSize / 8)))
    throw badFile('the table of the qcow2 image is too short for its size');
  const at = Number(bytes.readBigUInt64BE(40));
  if (at % clusterSize !== 0 || !Number.isSafeInteger(at)) throw badFile('the table of the qcow2 image is in no possible place');
  return { size, clusterSize, l1: { at, entries } };
}
