import { badFile, earlyEnd } from '../../xva/file-error.js';

/** Unit of the format, and length of a header, in bytes. */
export const SECTOR = 512;

/** In place of the place of the first table: it comes at the end, with a copy of the header that says where. */
export const AT_END = 0xffffffffffffffffn;

const MAGIC = 'KDMV';
/** How files begin that are nothing but a description of others. */
const DESCRIPTION = '# Disk DescriptorFile';
/** How disks of ESX begin that are kept in other forms. */
const OTHER_MAGICS: ReadonlySet<string> = new Set(['COWD', '\xbe\xba\xfe\xca']);
/** Bits of the flags. */
const FLAGS = { zeroGrains: 0x4, compressed: 0x10000, markers: 0x20000 } as const;
const DEFLATE = 1;
/** Largest disk that is read, in sectors: 64 TiB, a little above what VMware makes. */
const LARGEST = 2 ** 37;
/** Least and most bytes of a grain: usual ones have 64 KiB, and each is held in memory. */
const GRAIN = { least: 2 ** 12, most: 2 ** 21 };
/** Most entries of a table of grains: all known software writes 512. */
const MOST_ENTRIES = 2 ** 12;
/** Most tables of grains: those of the largest disk with grains of the usual size. The table of them is held in memory. */
const MOST_TABLES = 2 ** 21;
/** Most bytes of the text that describes the disk; it has some hundred. */
const LONGEST_TEXT = 2 ** 20;

/** What a header says. Sizes and places in bytes. */
export interface VmdkHeader {
  /** Of the disk. */
  readonly size: number;
  readonly grainSize: number;
  /** Entries of a table of grains. */
  readonly tableEntries: number;
  /** How many tables of grains there are. */
  readonly tables: number;
  /** Where the table of the tables is; undefined where it comes at the end. */
  readonly directoryAt: number | undefined;
  /** Where headers and the tables before data end. */
  readonly dataAt: number;
  readonly text: { readonly at: number; readonly length: number };
  readonly isCompressed: boolean;
  /** Whether an entry of 1 stands for a grain of zeros. */
  readonly hasZeroGrains: boolean;
}

/**
 * Reads a header of 512 bytes. Throws IMPORT_ERROR for what is none, makes no sense, or is of a form whose data lies elsewhere, and
 * IMPORT_ERROR_PREMATURE_EOF for fewer bytes.
 */
export function decodeHeader(bytes: Buffer): VmdkHeader {
  const magic = bytes.toString('latin1', 0, 4);
  if (bytes.toString('latin1', 0, DESCRIPTION.length) === DESCRIPTION)
    throw badFile('the VMDK only describes a disk whose data lies in other files: convert it to streamOptimized');
  if (OTHER_MAGICS.has(magic)) throw badFile('the VMDK is of a form that only VMware ESX reads: convert it to streamOptimized');
  if (bytes.length < SECTOR) throw earlyEnd();
  if (magic !== MAGIC) throw badFile('the file is no VMDK with its data in it; what has none of its headers is raw');
  const version = bytes.readUInt32LE(4);
  if (version < 1 || version > 3) throw badFile('the VMDK is of an unknown version');
  const flags = bytes.readUInt32LE(8);
  const isCompressed = (flags & FLAGS.compressed) !== 0;
  if (isCompressed !== ((flags & FLAGS.markers) !== 0) || (isCompressed && bytes.readUInt16LE(77) !== DEFLATE))
    throw badFile('the VMDK is compressed in an unknown way');
  const sectors = numberAt(bytes, 12);
  const grainSize = numberAt(bytes, 20) * SECTOR;
  const tableEntries = bytes.readUInt32LE(44);
  if (sectors > LARGEST || !isPower(grainSize) || grainSize < GRAIN.least || grainSize > GRAIN.most)
    throw badFile('the size of the VMDK makes no sense');
  if (tableEntries < 1 || tableEntries > MOST_ENTRIES) throw badFile('the tables of the VMDK have an unknown length');
  const size = sectors * SECTOR;
  const tables = Math.ceil(size / grainSize / tableEntries);
  if (tables > MOST_TABLES) throw badFile('the VMDK has too many tables');
  const length = numberAt(bytes, 36) * SECTOR;
  if (length > LONGEST_TEXT) throw badFile('the description in the VMDK is too long');
  return {
    size,
    grainSize,
    tableEntries,
    tables,
    directoryAt: bytes.readBigUInt64LE(56) === AT_END ? undefined : numberAt(bytes, 56) * SECTOR,
    dataAt: numberAt(bytes, 64) * SECTOR,
    text: { at: numberAt(bytes, 28) * SECTOR, length },
    isCompressed,
    hasZeroGrains: (flags & FLAGS.zeroGrains) !== 0,
  };
}

/** A number of sectors, with which bytes can be counted. */
function numberAt(bytes: Buffer, at: number): number {
  const number = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(number * SECTOR)) throw badFile('the header of the VMDK has a number that makes no sense');
  return number;
}

function isPower(number: number): boolean {
  return number > 0 && Number.isInteger(Math.log2(number));
}
