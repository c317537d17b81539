import type { ByteSource } from '../../xva/byte-source.js';
import { badFile } from '../../xva/file-error.js';
import type { DiskPiece, DiskStream } from '../disk-stream.js';
import { FileRuns } from '../file-runs.js';
import type { Spool } from '../spool.js';
import { SpooledSource } from '../spooled-source.js';
import { decodeFixedPart, FIXED_PART, MIB } from './headers.js';
import { decodeMetadata, METADATA_LENGTH, type VhdxMetadata } from './metadata.js';

/** What an entry of the table of blocks says of one: zeros in several ways, all of it, or a part of it over another disk. */
const STATES = { zeros: [0, 1, 2, 3], whole: 6, part: 7 } as const;
/** Sectors of which one block of bits tells; files have these blocks in their tables whether or not they use them. */
const SECTORS_PER_BITMAP = 2 ** 23;

/**
 * Reads a VHDX, fixed or dynamic. What passes before the table has told of it is kept in `spool`. Throws IMPORT_ERROR,
 * IMPORT_ERROR_PREMATURE_EOF.
 */
export async function vhdxStream(source: ByteSource, spool: Spool): Promise<DiskStream> {
  const regions = decodeFixedPart(await source.exactly(FIXED_PART));
  const image = new SpooledSource(source, spool, 'VHDX');
  const { at, length } = regions.metadata;
  const metadata = decodeMetadata(await image.read(at, Math.min(length, METADATA_LENGTH)));
  const entries = entriesOf(metadata);
  if (entries * 8 > regions.blockTable.length) throw badFile('the table of blocks of the VHDX is too short for its size');
  return {
    size: metadata.size,
    wholeUpTo: Infinity,
    mayRepeat: false,
    async *pieces(): AsyncGenerator<DiskPiece, void, void> {
      const runs = runsOf(await image.read(regions.blockTable.at, entries * 8), metadata);
      image.forget();
      for (let run = runs.take(); run !== undefined; run = runs.take()) yield* image.pieces(run.at, run.length, run.offset);
      await image.drain();
    },
  };
}

/** Blocks between one block of bits and the next. */
function blocksPerBitmap({ blockSize, sectorSize }: VhdxMetadata): number {
  return (SECTORS_PER_BITMAP * sectorSize) / blockSize;
}

/** Entries of the table that tell of the disk. */
function entriesOf(metadata: VhdxMetadata): number {
  const blocks = Math.ceil(metadata.size / metadata.blockSize);
  return blocks + Math.floor(Math.max(0, blocks - 1) / blocksPerBitmap(metadata));
}

function runsOf(table: Buffer, metadata: VhdxMetadata): FileRuns {
  const { size, blockSize } = metadata;
  const each = blocksPerBitmap(metadata) + 1;
  const runs = new FileRuns();
  for (let entry = 0; entry * 8 < table.length; entry++) {
    if ((entry + 1) % each === 0) continue;
    const state = table.readUInt8(entry * 8) & 7;
    if (STATES.zeros.some((zeros) => zeros === state)) continue;
    if (state === STATES.part) throw badFile('the VHDX is not whole: it only has differences to another disk');
    const at = Number(table.readBigUInt64LE(entry * 8) >> 20n) * MIB;
    if (state !== STATES.whole || at < FIXED_PART || !Number.isSafeInteger(at))
      throw badFile('the table of blocks of the VHDX makes no sense');
    const offset = (entry - Math.floor(entry / each)) * blockSize;
    runs.add({ at, length: Math.min(blockSize, size - offset), offset });
  }
  return runs;
}
