import { badFile } from '../../xva/file-error.js';
import { MOST_BLOCKS, NO_BLOCK } from './dynamic-header.js';
import { SECTOR } from './footer.js';

/** A block that is there: which one of the disk, and where it begins in the file, in bytes. */
export interface FileBlock {
  readonly index: number;
  readonly at: number;
}

/**
 * The blocks of a table in the order in which they lie in the file. `start`: where the first may begin; `length`: what each takes
 * in the file. In bytes. Throws IMPORT_ERROR for blocks that lie over one another or over headers.
 */
export function blocksInFile(table: Buffer, entries: number, start: number, length: number): Iterable<FileBlock> {
  // One number for both, which sorts by where the block lies: 32 bits for that and 21 for which it is.
  const keys = new Float64Array(entries);
  let count = 0;
  let isSorted = true;
  for (let index = 0; index < entries; index++) {
    const sector = table.readUInt32BE(index * 4);
    if (sector === NO_BLOCK) continue;
    const key = sector * MOST_BLOCKS + index;
    isSorted &&= count === 0 || key > (keys[count - 1] ?? 0);
    keys[count++] = key;
  }
  const found = keys.subarray(0, count);
  if (!isSorted) found.sort();
  let end = start;
  for (const key of found) {
    const { at } = decode(key);
    if (at < end) throw badFile('blocks of the VHD lie over one another or before its table');
    end = at + length;
  }
  return {
    *[Symbol.iterator]() {
      for (const key of found) yield decode(key);
    },
  };
}

function decode(key: number): FileBlock {
  return { index: key % MOST_BLOCKS, at: Math.floor(key / MOST_BLOCKS) * SECTOR };
}
