import { badFile } from '../../xva/file-error.js';
import { guid, MIB } from './headers.js';

const SIGNATURE = 'metadata';
const MOST_ITEMS = 2047;
/** Bytes of the table before the first item. */
const TABLE = 2 ** 16;
const REQUIRED = 4;

const ITEMS = {
  parameters: guid('caa16737-fa36-4d43-b3b6-33f0aa44e76b'),
  size: guid('2fa54224-cd1b-4876-b211-5dbed83bf4b8'),
  id: guid('beca12ab-b2e6-4523-93ef-c309e000c746'),
  logicalSector: guid('8141bf1d-a96f-4709-ba47-f233a8faab5f'),
  physicalSector: guid('cda348c7-445d-4471-9cc9-e9885251c556'),
  parent: guid('a8d35f2d-b30b-454d-abf7-d3d84834ab0c'),
} as const;

/** Largest disk of the format, in bytes. */
const LARGEST = 64 * 2 ** 40;
const BLOCK = { least: MIB, most: 256 * MIB };
const HAS_PARENT = 2;

/** Bytes of the region of metadata that are read: its table, and items of some hundred bytes. */
export const METADATA_LENGTH = MIB;

/** What a file says of its disk, in bytes. */
export interface VhdxMetadata {
  readonly size: number;
  readonly blockSize: number;
  readonly sectorSize: number;
}

/** Reads the metadata. Throws IMPORT_ERROR for what is damaged, makes no sense, or has only differences to another disk. */
export function decodeMetadata(region: Buffer): VhdxMetadata {
  if (
    region.length < TABLE ||
    region.toString('latin1', 0, SIGNATURE.length) !== SIGNATURE ||
    region.readUInt16LE(10) > MOST_ITEMS
  )
    throw badFile('what the VHDX says of its disk is damaged');
  const items = new Map<keyof typeof ITEMS, Buffer>();
  for (let index = 0; index < region.readUInt16LE(10); index++) {
    const entry = region.subarray(32 + index * 32, 64 + index * 32);
    const found = nameOf(entry.subarray(0, 16));
    if (found !== undefined) items.set(found, itemAt(region, entry));
    else if ((entry.readUInt32LE(24) & REQUIRED) !== 0) throw badFile('the VHDX says things of its disk that are unknown here');
  }
  const number = (name: keyof typeof ITEMS, length: 4 | 8): number => {
    const item = items.get(name);
    if (item === undefined || item.length < length) throw badFile(`what the VHDX says of its disk lacks its ${name}`);
    return length === 4 ? item.readUInt32LE(0) : Number(item.readBigUInt64LE(0));
  };
  const parameters = items.get('parameters');
  if (parameters !== undefined && parameters.length >= 8 && (parameters.readUInt32LE(4) & HAS_PARENT) !== 0)
    throw badFile('the VHDX is not whole: it only has differences to another disk');
  const [size, blockSize, sectorSize] = [number('size', 8), number('parameters', 4), number('logicalSector', 4)];
  const isPower = Number.isInteger(Math.log2(blockSize));
  if (!isPower || blockSize < BLOCK.least || blockSize > BLOCK.most)
    throw badFile('the size of the blocks of the VHDX makes no sense');
  if ((sectorSize !== 512 && sectorSize !== 4096) || size > LARGEST || size % sectorSize !== 0)
    throw badFile('the size of the VHDX makes no sense');
  return { size, blockSize, sectorSize };
}

function nameOf(id: Buffer): keyof typeof ITEMS | undefined {
  for (const name of Object.keys(ITEMS) as (keyof typeof ITEMS)[]) if (ITEMS[name].equals(id)) return name;
  return undefined;
}

function itemAt(region: Buffer, entry: Buffer): Buffer {
  const [at, length] = [entry.readUInt32LE(16), entry.readUInt32LE(20)];
  if (at < TABLE || at + length > region.length) throw badFile('what the VHDX says of its disk is in no possible place');
  return region.subarray(at, at + length);
}
