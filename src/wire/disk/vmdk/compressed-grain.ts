import { inflateSync } from 'node:zlib';
import { badFile } from '../../xva/file-error.js';
import { SECTOR, type VmdkHeader } from './header.js';

/** Bytes before the data of a compressed grain: where it belongs, and how long it is. */
export const MARKER = 12;

/** What stands before a grain, or before something else where the length is 0. */
export interface Marker {
  /** Of a grain: where it belongs on the disk, in sectors. Else how many sectors follow. */
  readonly value: number;
  /** Bytes of the compressed grain. */
  readonly length: number;
}

/** Reads a marker. Throws IMPORT_ERROR for a grain that cannot be. */
export function decodeMarker(bytes: Buffer, { grainSize }: VmdkHeader): Marker {
  const value = Number(bytes.readBigUInt64LE(0));
  const length = bytes.readUInt32LE(8);
  // Deflate makes what it cannot compress longer by some bytes.
  if (length > 2 * grainSize || !Number.isSafeInteger(value * SECTOR)) throw badFile('a marker in the VMDK makes no sense');
  return { value, length };
}

/** The bytes of a grain that belongs to an offset of the disk, up to the end of that. Throws IMPORT_ERROR for what is damaged. */
export function inflateGrain(bytes: Buffer, offset: number, { grainSize, size }: VmdkHeader): Buffer {
  const grain = inflated(bytes, grainSize);
  const wanted = Math.min(grainSize, size - offset);
  if (grain === undefined || grain.length < wanted) throw badFile('a compressed part of the VMDK is damaged');
  return grain.subarray(0, wanted);
}

function inflated(bytes: Buffer, grainSize: number): Buffer | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: grainSize });
  } catch {
    return undefined;
  }
}
