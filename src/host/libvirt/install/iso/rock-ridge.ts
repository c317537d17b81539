import { SECTOR } from './directory-records.js';
import type { ReadBytes } from './iso-image.js';

/** Areas that are followed for one entry: names of 255 bytes need one more. */
const AREAS = 4;

/** Where the rest of a system use area is. */
interface Rest {
  readonly offset: number;
  readonly size: number;
}

/** The name that Rock Ridge gives an entry; undefined when it gives none. `skip`: bytes before each area that belong to others. */
export async function rockRidgeName(systemUse: Buffer, skip: number, read: ReadBytes): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let area = systemUse.subarray(skip);
  for (let i = 0; i < AREAS; i++) {
    const rest = readArea(area, parts);
    if (rest === undefined) break;
    area = await read(rest.offset, rest.size);
  }
  return parts.length ? Buffer.concat(parts).toString('utf8') : undefined;
}

/** Bytes to skip, as the first entry of the root tells; undefined when the image has no such extensions. */
export function systemUseSkip(systemUse: Buffer): number | undefined {
  const is = systemUse.length >= 7 && systemUse.toString('latin1', 0, 2) === 'SP' && systemUse.readUInt16BE(4) === 0xbeef;
  return is ? systemUse[6] : undefined;
}

function readArea(area: Buffer, parts: Buffer[]): Rest | undefined {
  let rest: Rest | undefined;
  for (let at = 0; at + 4 <= area.length; ) {
    const length = area[at + 2] ?? 0;
    if (length < 4 || at + length > area.length) break;
    const signature = area.toString('latin1', at, at + 2);
    if (signature === 'NM' && length > 5) parts.push(area.subarray(at + 5, at + length));
    if (signature === 'CE' && length >= 28) {
      const size = area.readUInt32LE(at + 20);
      if (size <= SECTOR) rest = { offset: area.readUInt32LE(at + 4) * SECTOR + area.readUInt32LE(at + 12), size };
    }
    if (signature === 'ST') break;
    at += length;
  }
  return rest;
}
