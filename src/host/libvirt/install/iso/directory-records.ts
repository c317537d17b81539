/** Where something is in an image: bytes from its beginning. */
export interface Extent {
  readonly offset: number;
  readonly size: number;
}

/** An entry of a directory of an image. */
export interface DirectoryRecord extends Extent {
  /** Name as bytes; meaning depends on the tree that it is in. */
  readonly name: Buffer;
  readonly isDirectory: boolean;
  /** Whether further records have the rest of the file: it has 4 GiB or more. */
  readonly goesOn: boolean;
  /** System use area: what extensions say of the entry. */
  readonly systemUse: Buffer;
}

/** Bytes of a sector, as nearly all images have it: others are refused. */
export const SECTOR = 2048;

/** Bytes of a record without name. */
const FIXED = 33;

/** Reads the records of a directory. Records do not cross sectors; what is damaged ends its sector. */
export function readDirectory(bytes: Buffer): readonly DirectoryRecord[] {
  const records: DirectoryRecord[] = [];
  for (let sector = 0; sector < bytes.length; sector += SECTOR) {
    const end = Math.min(sector + SECTOR, bytes.length);
    for (let at = sector; at < end; ) {
      const length = bytes[at] ?? 0;
      if (length <= FIXED || at + length > end) break;
      const record = readRecord(bytes.subarray(at, at + length));
      if (record) records.push(record);
      at += length;
    }
  }
  return records;
}

/** One record, which may be longer than it says its name is; undefined for one that is damaged. */
export function readRecord(bytes: Buffer): DirectoryRecord | undefined {
  const nameLength = bytes[32] ?? 0;
  if (FIXED + nameLength > bytes.length) return undefined;
  const flags = bytes[25] ?? 0;
  // A name of even length is followed by a byte that means nothing.
  const systemUse = FIXED + nameLength + (nameLength % 2 === 0 ? 1 : 0);
  return {
    offset: bytes.readUInt32LE(2) * SECTOR,
    size: bytes.readUInt32LE(10),
    name: bytes.subarray(FIXED, FIXED + nameLength),
    isDirectory: (flags & 0x02) !== 0,
    goesOn: (flags & 0x80) !== 0,
    systemUse: bytes.subarray(systemUse),
  };
}
