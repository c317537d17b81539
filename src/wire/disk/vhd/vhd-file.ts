import {
  type BlockRun,
  blockRuns,
  bytesPart,
  type DiskDescription,
  type DiskExtent,
  type DiskFile,
  DiskWalk,
  type FilePart,
  roundUp,
  zerosPart,
} from '../disk-file.js';
import { encodeHeader, HEADER, NO_BLOCK, type ParentLocator, type VhdParent } from './dynamic-header.js';
import { encodeFooter, idOf, LARGEST_VHD, SECTOR, VHD_TYPES, vhdTime } from './footer.js';

/** Bytes of a block, as all known software has it. */
const BLOCK_SIZE = 2 ** 21;
/** Before each block: a bit for each of its sectors. */
const BITMAP = BLOCK_SIZE / SECTOR / 8;

/** A disk that becomes a VHD. */
export interface VhdDescription extends DiskDescription {
  readonly uuid: string;
  readonly time: Date;
  /** Uuid of the disk to which only the differences are written: `extents` are those. */
  readonly base?: string;
}

/**
 * A disk as a VHD that has blocks where the disk has something. Where everything in the file lies, follows from what the disk
 * has, so that it can be written from start to end. Throws RangeError for a disk larger than `LARGEST_VHD`.
 */
export function vhdFile(description: VhdDescription): DiskFile {
  const { size: given, uuid, time, base } = description;
  const size = roundUp(given, SECTOR);
  if (size > LARGEST_VHD) throw new RangeError('a VHD cannot hold so large a disk');
  const extents = [...wholeSectors(description.extents, given)];
  const parent = base === undefined ? undefined : { id: idOf(base), name: `${base}.vhd` };
  const type = parent === undefined ? VHD_TYPES.dynamic : VHD_TYPES.differencing;
  const footer = encodeFooter({ type, size, headerAt: SECTOR, id: idOf(uuid) }, time);
  const tableAt = SECTOR + HEADER;
  const entries = Math.ceil(size / BLOCK_SIZE);
  const table = roundUp(entries * 4, SECTOR);
  const locators = parent === undefined ? [] : locatorsOf(parent, tableAt + table);
  const header = encodeHeader({ tableAt, entries, blockSize: BLOCK_SIZE }, parent, locators, vhdTime(time));
  const dataAt = tableAt + table + locators.length * SECTOR;
  const runs = [...blockRuns(extents, BLOCK_SIZE)];
  const blocks = runs.reduce((sum, { count }) => sum + count, 0);
  return {
    length: dataAt + blocks * (BITMAP + BLOCK_SIZE) + SECTOR,
    *parts() {
      yield bytesPart(footer);
      yield bytesPart(header);
      yield bytesPart(tableOf(runs, table, dataAt));
      for (const { data } of locators) {
        yield bytesPart(data);
        yield* zerosPart(SECTOR - data.length);
      }
      yield* blockParts(runs, extents);
      yield bytesPart(footer);
    },
  };
}

function tableOf(runs: readonly BlockRun[], length: number, dataAt: number): Buffer {
  const table = Buffer.alloc(length, 0xff);
  let at = dataAt / SECTOR;
  for (const { first, count } of runs) {
    for (let block = first; block < first + count; block++) {
      table.writeUInt32BE(at, block * 4);
      at += (BITMAP + BLOCK_SIZE) / SECTOR;
    }
  }
  if (at >= NO_BLOCK) throw new RangeError('a VHD cannot hold so large a disk');
  return table;
}

function* blockParts(runs: readonly BlockRun[], extents: readonly DiskExtent[]): Generator<FilePart> {
  const [marked, read] = [new DiskWalk(extents), new DiskWalk(extents)];
  for (const { first, count } of runs) {
    for (let block = first; block < first + count; block++) {
      const start = block * BLOCK_SIZE;
      yield bytesPart(bitmapOf(marked.within(start, start + BLOCK_SIZE), start));
      yield* read.between(start, start + BLOCK_SIZE);
    }
  }
}

/** The bits of the sectors that parts of a block are in; the highest bit of a byte is that of its first sector. */
function bitmapOf(parts: Iterable<DiskExtent>, start: number): Buffer {
  const bitmap = Buffer.alloc(BITMAP);
  for (const { offset, length } of parts) {
    const end = Math.ceil((offset + length - start) / SECTOR);
    for (let sector = (offset - start) / SECTOR; sector < end; ) {
      if (sector % 8 === 0 && end - sector >= 8) {
        bitmap[sector / 8] = 0xff;
        sector += 8;
      } else {
        bitmap[sector >> 3] = (bitmap[sector >> 3] ?? 0) | (0x80 >> (sector & 7));
        sector++;
      }
    }
  }
  return bitmap;
}

/** Parts of a disk of so many bytes that begin and end where its sectors do; the last one may be cut off by its end. */
function* wholeSectors(extents: Iterable<DiskExtent>, size: number): Generator<DiskExtent> {
  let done = 0;
  for (const { offset, length } of extents) {
    const start = Math.max(done, offset - (offset % SECTOR));
    const end = Math.min(size, roundUp(offset + length, SECTOR));
    if (end > start) yield { offset: start, length: end - start };
    done = Math.max(done, end);
  }
}

/** The name of a parent in the forms that Windows and Mac OS have for it; XCP's software reads the second one. */
function locatorsOf({ name }: VhdParent, at: number): ParentLocator[] {
  const windows = Buffer.from(`.\\${name}`, 'utf16le');
  return [
    { platform: 'W2ru', data: windows, at },
    { platform: 'MacX', data: Buffer.from(`file://./${name}`, 'utf8'), at: at + SECTOR },
  ];
}
