/** Sectors of the largest disk that cylinders, heads and sectors can count. */
const LARGEST = 65535 * 16 * 255;

/** How old software counts the sectors of a disk. */
export interface Geometry {
  readonly cylinders: number;
  readonly heads: number;
  readonly sectorsPerTrack: number;
}

/** The geometry that the format prescribes for a disk of so many sectors; it may count fewer than there are. */
export function geometryOf(sectors: number): Geometry {
  const counted = Math.min(sectors, LARGEST);
  if (counted >= 65535 * 16 * 63) return withCylinders(counted, 16, 255);
  let sectorsPerTrack = 17;
  let tracks = Math.floor(counted / sectorsPerTrack);
  let heads = Math.max(4, Math.floor((tracks + 1023) / 1024));
  if (tracks >= heads * 1024 || heads > 16) {
    sectorsPerTrack = 31;
    heads = 16;
    tracks = Math.floor(counted / sectorsPerTrack);
  }
  if (tracks >= heads * 1024) {
    sectorsPerTrack = 63;
    heads = 16;
  }
  return withCylinders(counted, heads, sectorsPerTrack);
}

function withCylinders(sectors: number, heads: number, sectorsPerTrack: number): Geometry {
  return { cylinders: Math.floor(Math.floor(sectors / sectorsPerTrack) / heads), heads, sectorsPerTrack };
}
