import { SECTOR, safeNumber } from './image-facts.js';

/** Length of the part of the header that `parseVmdk` needs. */
export const VMDK_HEADER = 512;

/** What a sparse VMDK says at its start. Sizes in bytes. */
export interface VmdkHeader {
  readonly virtualSize: number;
  /** Where the text stands that describes the disk. */
  readonly descriptor: { readonly offset: number; readonly length: number };
}

const MAGIC = 'KDMV';
/** Longest description that is read: those of real images are one to twenty sectors long. */
const LONGEST_DESCRIPTOR = 64 * 1024;
/** Bytes that QEMU looks through for the image below, however long the description says it is. */
const LOOKED_THROUGH = 20 * SECTOR;

/** Reads the start of a file; undefined for what is no VMDK that holds its own data and description. */
export function parseVmdk(head: Buffer): VmdkHeader | undefined {
  if (head.length < VMDK_HEADER || head.toString('latin1', 0, 4) !== MAGIC) return undefined;
  const [capacity, at, count] = [12, 28, 36].map((offset) => safeNumber(head.readBigUInt64LE(offset)));
  if (!capacity || !at || !count || count * SECTOR > LONGEST_DESCRIPTOR || capacity > Number.MAX_SAFE_INTEGER / SECTOR)
    return undefined;
  return {
    virtualSize: capacity * SECTOR,
    descriptor: { offset: at * SECTOR, length: Math.max(LOOKED_THROUGH, count * SECTOR) },
  };
}

/**
 * Whether a description is that of a disk which is whole in its one file. QEMU opens the image that the description names as the
 * one below, wherever the name stands and whether or not the rest says that there is one.
 */
export function isWholeVmdk(descriptor: string): boolean {
  if (descriptor.includes('parentFileNameHint')) return false;
  const type = /^\s*createType\s*=\s*"([^"]*)"/m.exec(descriptor)?.[1];
  const parent = /^\s*parentCID\s*=\s*([0-9a-f]+)\s*$/im.exec(descriptor)?.[1];
  const extents = descriptor.match(/^\s*(?:RW|RDONLY|NOACCESS)\s/gm)?.length ?? 0;
  return (type === 'monolithicSparse' || type === 'streamOptimized') && parent?.toLowerCase() === 'ffffffff' && extents === 1;
}
