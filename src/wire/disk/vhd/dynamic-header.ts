import { badFile } from '../../xva/file-error.js';
import { SECTOR, vhdChecksum } from './footer.js';

/** Bytes of the header of a disk in blocks. */
export const HEADER = 1024;

/** What an entry of the table says of a block that is not there. */
export const NO_BLOCK = 0xffffffff;

/** Most blocks that are read: 1 MiB each for the largest disk; usual ones have 2 MiB. The table is held in memory. */
export const MOST_BLOCKS = 2 ** 21;

const COOKIE = 'cxsparse';
const VERSION = 0x00010000;
const CHECKSUM = 36;
const NOWHERE = 0xffffffffffffffffn;
const PARENT_NAME = { at: 64, length: 512 };
const LOCATORS = { at: 576, each: 24, most: 8 };
/** Least and most bytes of a block. The format knows 512 KiB and 2 MiB; more than this no known software writes. */
const BLOCK = { least: 2 ** 12, most: 2 ** 28 };

/** The disk that another one only has differences to. */
export interface VhdParent {
  /** 16 bytes: the id in its footer. */
  readonly id: Buffer;
  /** Of its file. */
  readonly name: string;
}

/** Where the name of the parent stands once more, for one platform. Sizes and offsets in bytes. */
export interface ParentLocator {
  readonly platform: string;
  readonly data: Buffer;
  readonly at: number;
}

/** What the header of a disk in blocks says. Sizes and offsets in bytes. */
export interface DynamicHeader {
  /** Where the table stands that says where the blocks are. */
  readonly tableAt: number;
  /** Entries of the table. */
  readonly entries: number;
  readonly blockSize: number;
}

/** Makes a header. `parent` and `locators` for a disk that only has differences; `time` as the format has it. */
export function encodeHeader(
  { tableAt, entries, blockSize }: DynamicHeader,
  parent?: VhdParent,
  locators: readonly ParentLocator[] = [],
  time = 0,
): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.write(COOKIE, 0, 'latin1');
  bytes.writeBigUInt64BE(NOWHERE, 8);
  bytes.writeBigUInt64BE(BigInt(tableAt), 16);
  bytes.writeUInt32BE(VERSION, 24);
  bytes.writeUInt32BE(entries, 28);
  bytes.writeUInt32BE(blockSize, 32);
  if (parent !== undefined) {
    parent.id.copy(bytes, 40, 0, 16);
    bytes.writeUInt32BE(time, 56);
    Buffer.from(parent.name, 'utf16le').swap16().copy(bytes, PARENT_NAME.at, 0, PARENT_NAME.length);
  }
  for (const [index, { platform, data, at }] of locators.slice(0, LOCATORS.most).entries()) {
    const start = LOCATORS.at + index * LOCATORS.each;
    bytes.write(platform, start, 'latin1');
    // Bytes of the space for the name; some software counts sectors here, and finds the name all the same.
    bytes.writeUInt32BE(SECTOR, start + 4);
    bytes.writeUInt32BE(data.length, start + 8);
    bytes.writeBigUInt64BE(BigInt(at), start + 16);
  }
  bytes.writeUInt32BE(vhdChecksum(bytes, CHECKSUM), CHECKSUM);
  return bytes;
}

/** Reads the header of a disk of so many bytes. Throws IMPORT_ERROR for what is damaged or makes no sense. */
export function decodeHeader(bytes: Buffer, size: number): DynamicHeader {
  if (bytes.toString('latin1', 0, COOKIE.length) !== COOKIE) throw badFile('the header of the VHD is missing');
  if (bytes.readUInt32BE(CHECKSUM) !== vhdChecksum(bytes, CHECKSUM)) throw badFile('the header of the VHD is damaged');
  const tableAt = Number(bytes.readBigUInt64BE(16));
  const entries = bytes.readUInt32BE(28);
  const blockSize = bytes.readUInt32BE(32);
  const isPower = (blockSize & (blockSize - 1)) === 0;
  if (!isPower || blockSize < BLOCK.least || blockSize > BLOCK.most)
    throw badFile('the size of the blocks of the VHD makes no sense');
  const needed = Math.ceil(size / blockSize);
  if (needed > entries) throw badFile('the table of the VHD is too short for its size');
  if (needed > MOST_BLOCKS) throw badFile('the VHD has too many blocks');
  return { tableAt, entries, blockSize };
}
