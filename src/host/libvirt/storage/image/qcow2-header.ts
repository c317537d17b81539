import { safeNumber } from './image-facts.js';

/** What the header of a qcow2 image says. Offsets and sizes in bytes. */
export interface Qcow2Header {
  readonly virtualSize: number;
  /** Where the name of the image below stands; absent when there is none. */
  readonly backing?: { readonly offset: number; readonly length: number };
  /** The table from which all data is found. */
  readonly l1: { readonly offset: number; readonly entries: number };
  readonly encrypted: boolean;
  /** Whether the data lies in another file. */
  readonly externalData: boolean;
}

const MAGIC = 0x514649fb;
const EXTERNAL_DATA = 1n << 2n;
/** Longest name of a backing file, as the format says. */
const LONGEST_NAME = 1023;
/** Largest table of the first level that QEMU opens. */
const LARGEST_L1 = 32 * 2 ** 20;

/** Length of the part of the header that `parseQcow2` needs. */
export const QCOW2_HEADER = 104;

/** Reads the start of a file; undefined for what is no qcow2 image or a damaged one. */
export function parseQcow2(head: Buffer): Qcow2Header | undefined {
  if (head.length < QCOW2_HEADER || head.readUInt32BE(0) !== MAGIC) return undefined;
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return undefined;
  const virtualSize = safeNumber(head.readBigUInt64BE(24));
  const l1Offset = safeNumber(head.readBigUInt64BE(40));
  const entries = head.readUInt32BE(36);
  if (virtualSize === undefined || l1Offset === undefined || entries * 8 > LARGEST_L1) return undefined;
  const offset = safeNumber(head.readBigUInt64BE(8));
  const length = head.readUInt32BE(16);
  if (offset === undefined || length > LONGEST_NAME) return undefined;
  return {
    virtualSize,
    ...(offset > 0 && length > 0 && { backing: { offset, length } }),
    l1: { offset: l1Offset, entries },
    encrypted: head.readUInt32BE(32) !== 0,
    externalData: version === 3 && (head.readBigUInt64BE(72) & EXTERNAL_DATA) !== 0n,
  };
}
