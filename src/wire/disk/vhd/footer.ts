import { badFile } from '../../xva/file-error.js';
import { geometryOf } from './geometry.js';

/** Unit of the format, and length of the footer, in bytes. */
export const SECTOR = 512;

/** Largest disk that the format can hold, in bytes: its tables count sectors with 32 bits, and software keeps a distance to that. */
export const LARGEST_VHD = 2040 * 2 ** 30;

/** What kinds of disks there are: plain bytes with a footer, blocks where there is something, differences to another disk. */
export const VHD_TYPES = { fixed: 2, dynamic: 3, differencing: 4 } as const;

const COOKIE = 'conectix';
const VERSION = 0x00010000;
/** A bit that is always set. */
const FEATURES = 2;
/**
 * Maker and version that XCP's own software writes: readers that count by the geometry with all other makers take the size
 * as it stands, and look for no tables that only later versions have.
 */
const MAKER = 'tap\0';
const MAKER_VERSION = 0x00000001;
/** Where the sum stands. */
const CHECKSUM = 64;
const NOWHERE = 0xffffffffffffffffn;
/** Times count from the start of 2000, in seconds since 1970. */
const EPOCH = 946_684_800;

/** What a footer says. Sizes and offsets in bytes. */
export interface VhdFooter {
  readonly type: number;
  readonly size: number;
  /** Where the header of a disk in blocks stands. */
  readonly headerAt: number;
  /** 16 bytes. */
  readonly id: Buffer;
}

/** A time as the format has it. */
export function vhdTime(time: Date): number {
  return Math.max(0, Math.floor(time.getTime() / 1000) - EPOCH);
}

/** The 16 bytes of a uuid. */
export function idOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** Makes the footer of a disk in blocks whose header follows its copy at the start. */
export function encodeFooter({ type, size, headerAt, id }: VhdFooter, time: Date): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  const { cylinders, heads, sectorsPerTrack } = geometryOf(size / SECTOR);
  bytes.write(COOKIE, 0, 'latin1');
  bytes.writeUInt32BE(FEATURES, 8);
  bytes.writeUInt32BE(VERSION, 12);
  bytes.writeBigUInt64BE(type === VHD_TYPES.fixed ? NOWHERE : BigInt(headerAt), 16);
  bytes.writeUInt32BE(vhdTime(time), 24);
  bytes.write(MAKER, 28, 'latin1');
  bytes.writeUInt32BE(MAKER_VERSION, 32);
  bytes.writeBigUInt64BE(BigInt(size), 40);
  bytes.writeBigUInt64BE(BigInt(size), 48);
  bytes.writeUInt16BE(cylinders, 56);
  bytes.writeUInt8(heads, 58);
  bytes.writeUInt8(sectorsPerTrack, 59);
  bytes.writeUInt32BE(type, 60);
  id.copy(bytes, 68, 0, 16);
  bytes.writeUInt32BE(vhdChecksum(bytes, CHECKSUM), CHECKSUM);
  return bytes;
}

/** Whether bytes begin like a footer. */
export function isFooter(bytes: Buffer): boolean {
  return bytes.length >= SECTOR && bytes.toString('latin1', 0, COOKIE.length) === COOKIE;
}

/** Reads a footer. Throws IMPORT_ERROR for what is damaged or makes no sense. */
export function decodeFooter(bytes: Buffer): VhdFooter {
  if (!isFooter(bytes)) throw badFile('the file is no VHD: its footer is missing');
  if (bytes.readUInt32BE(CHECKSUM) !== vhdChecksum(bytes, CHECKSUM)) throw badFile('the footer of the VHD is damaged');
  if (bytes.readUInt32BE(12) >>> 16 !== VERSION >>> 16) throw badFile('the VHD is of an unknown version');
  const size = Number(bytes.readBigUInt64BE(48));
  if (size > LARGEST_VHD || size % SECTOR !== 0) throw badFile('the size of the VHD makes no sense');
  const type = bytes.readUInt32BE(60);
  const headerAt = type === VHD_TYPES.fixed ? 0 : Number(bytes.readBigUInt64BE(16));
  return { type, size, headerAt, id: Buffer.from(bytes.subarray(68, 84)) };
}

/** The sum over a header or footer, without what stands where the sum is to stand. */
export function vhdChecksum(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) if (i < at || i >= at + 4) sum += bytes[i] ?? 0;
  return ~sum >>> 0;
}
