import { badFile } from '../../xva/file-error.js';
import { crc32cWithout } from '../crc32c.js';

/** Bytes of everything that stands at fixed places: the type of the file, two headers, two tables of regions. */
export const FIXED_PART = 2 ** 20;

/** The unit of places in the file, in bytes. */
export const MIB = 2 ** 20;

const TYPE = 'vhdxfile';
const HEADERS = { at: [0x10000, 0x20000], length: 4096, signature: 'head' } as const;
const REGIONS = { at: [0x30000, 0x40000], length: 0x10000, signature: 'regi', most: 2047 } as const;
/** Where the sum of a header or table stands. */
const CHECKSUM = 4;
const VERSION = 1;
/** Largest regions that are read, in bytes: each is held in memory. The table of blocks of the largest disk has some megabytes. */
const LARGEST_REGION = 2 ** 28;

const BLOCK_TABLE = guid('2dc27766-f623-4200-9d64-115e9bfd4a08');
const METADATA = guid('8b7ca206-4790-4b9a-b8fe-575f050f886e');
const NO_LOG = Buffer.alloc(16);

/** A part of the file, in bytes. */
export interface Region {
  readonly at: number;
  readonly length: number;
}

/** Where the parts of the file are that tell of the disk. */
export interface Regions {
  readonly blockTable: Region;
  readonly metadata: Region;
}

/** The 16 bytes of a GUID as files of Microsoft have it. */
export function guid(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/**
 * Reads the part of the file that stands at fixed places. Throws IMPORT_ERROR for what is no VHDX, is damaged, or was not closed: its
 * log then has changes that are not yet where they belong.
 */
export function decodeFixedPart(bytes: Buffer): Regions {
  if (bytes.toString('latin1', 0, TYPE.length) !== TYPE) throw badFile('the file is no VHDX');
  const header = newestHeader(bytes);
  if (header.readUInt16LE(66) !== VERSION) throw badFile('the VHDX is of an unknown version');
  if (!header.subarray(48, 64).equals(NO_LOG))
    throw badFile('the VHDX was not closed: let Hyper-V, or qemu-img check -r all, write its log back');
  return decodeRegions(bytes);
}

function newestHeader(bytes: Buffer): Buffer {
  const [first, second] = HEADERS.at
    .map((at) => bytes.subarray(at, at + HEADERS.length))
    .filter((header) => isValid(header, HEADERS.signature))
    .sort((one, other) => (one.readBigUInt64LE(8) < other.readBigUInt64LE(8) ? 1 : -1));
  if (first === undefined) throw badFile('the headers of the VHDX are damaged');
  // Of two of one number none is the newer one.
  if (second?.readBigUInt64LE(8) === first.readBigUInt64LE(8) && !second.equals(first))
    throw badFile('the headers of the VHDX contradict one another');
  return first;
}

function decodeRegions(bytes: Buffer): Regions {
  const table = REGIONS.at
    .map((at) => bytes.subarray(at, at + REGIONS.length))
    .find((candidate) => isValid(candidate, REGIONS.signature) && candidate.readUInt32LE(8) <= REGIONS.most);
  if (table === undefined) throw badFile('the tables of regions of the VHDX are damaged');
  let blockTable: Region | undefined;
  let metadata: Region | undefined;
  for (let index = 0; index < table.readUInt32LE(8); index++) {
    const entry = table.subarray(16 + index * 32, 48 + index * 32);
    const id = entry.subarray(0, 16);
    const isNeeded = (entry.readUInt32LE(28) & 1) !== 0;
    if (id.equals(BLOCK_TABLE)) blockTable = regionOf(entry);
    else if (id.equals(METADATA)) metadata = regionOf(entry);
    else if (isNeeded) throw badFile('the VHDX has parts that are unknown here');
  }
  if (blockTable === undefined || metadata === undefined)
    throw badFile('the VHDX has no table of blocks or says nothing of its disk');
  return { blockTable, metadata };
}

function regionOf(entry: Buffer): Region {
  const at = Number(entry.readBigUInt64LE(16));
  const length = entry.readUInt32LE(24);
  if (!Number.isSafeInteger(at) || at < FIXED_PART || at % MIB !== 0 || length > LARGEST_REGION)
    throw badFile('a region of the VHDX is in no possible place');
  return { at, length };
}

function isValid(bytes: Buffer, signature: string): boolean {
  return (
    bytes.toString('latin1', 0, signature.length) === signature && bytes.readUInt32LE(CHECKSUM) === crc32cWithout(bytes, CHECKSUM)
  );
}
