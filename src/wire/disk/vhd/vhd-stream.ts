import type { ByteSource } from '../../xva/byte-source.js';
import { badFile, earlyEnd } from '../../xva/file-error.js';
import { roundUp } from '../disk-file.js';
import type { DiskPiece, DiskStream } from '../disk-stream.js';
import { blocksInFile, type FileBlock } from './block-table.js';
import { decodeHeader, HEADER } from './dynamic-header.js';
import { fixedVhdStream } from './fixed-stream.js';
import { decodeFooter, isFooter, SECTOR, VHD_TYPES, type VhdFooter } from './footer.js';

/** Most bytes before the header or the table: there are names of parents and maps of blocks at most. */
const LONGEST_GAP = 64 * 2 ** 20;
/** Bytes that are taken at a time. */
const PIECE = 2 ** 20;

/**
 * Reads a VHD of any type from start to end, blocks in whatever order they are; headers must come before blocks, as all known
 * software has it. `length`: bytes of the whole file, when that was said. Throws IMPORT_ERROR, IMPORT_ERROR_PREMATURE_EOF.
 */
export async function vhdStream(source: ByteSource, length: number | undefined): Promise<DiskStream> {
  const first = await source.upTo(SECTOR);
  if (!isFooter(first)) return fixedVhdStream(first, source, length);
  const footer = decodeFooter(first);
  if (footer.type !== VHD_TYPES.dynamic && footer.type !== VHD_TYPES.differencing)
    throw badFile('the VHD is of a type that has no copy of its footer at its start');
  const { tableAt, entries, blockSize } = decodeHeader(await at(source, footer.headerAt, HEADER), footer.size);
  const needed = Math.ceil(footer.size / blockSize);
  const table = await at(source, tableAt, needed * 4);
  await source.skip((entries - needed) * 4);
  const bitmap = roundUp(blockSize / SECTOR / 8, SECTOR);
  const blocks = blocksInFile(table, needed, source.taken, bitmap + blockSize);
  return {
    size: footer.size,
    wholeUpTo: footer.type === VHD_TYPES.dynamic ? Infinity : 0,
    mayRepeat: false,
    async *pieces() {
      for (const block of blocks) yield* blockPieces(source, block, { bitmap, blockSize, size: footer.size });
      checkEnd(await lastBytes(source), footer);
    },
  };
}

async function at(source: ByteSource, offset: number, length: number): Promise<Buffer> {
  const gap = offset - source.taken;
  if (!(gap >= 0 && gap <= LONGEST_GAP)) throw badFile('the headers of the VHD are not at its start');
  await source.skip(gap);
  return source.exactly(length);
}

async function* blockPieces(
  source: ByteSource,
  { index, at: offset }: FileBlock,
  { bitmap, blockSize, size }: { readonly bitmap: number; readonly blockSize: number; readonly size: number },
): AsyncGenerator<DiskPiece, void, void> {
  await source.skip(offset - source.taken);
  const bits = await source.exactly(bitmap);
  const start = index * blockSize;
  const sectors = Math.min(blockSize, size - start) / SECTOR;
  let done = 0;
  for (const run of runsOfBits(bits, sectors)) {
    await source.skip((run.first - done) * SECTOR);
    for (let left = run.count * SECTOR; left > 0; ) {
      const data = await source.some(Math.min(PIECE, left));
      if (data.length === 0) throw earlyEnd();
      yield { offset: start + (run.first + run.count) * SECTOR - left, data };
      left -= data.length;
    }
    done = run.first + run.count;
  }
  await source.skip(blockSize - done * SECTOR);
}

/** Sectors in a row whose bits are set. */
function* runsOfBits(bits: Buffer, count: number): Generator<{ readonly first: number; readonly count: number }> {
  let first: number | undefined;
  for (let sector = 0; sector < count; sector++) {
    const byte = bits[sector >> 3] ?? 0;
    if (first !== undefined && byte === 0xff && sector % 8 === 0) {
      sector += 7;
      continue;
    }
    const isSet = (byte & (0x80 >> (sector & 7))) !== 0;
    if (isSet) first ??= sector;
    else if (first !== undefined) {
      yield { first, count: sector - first };
      first = undefined;
    }
  }
  if (first !== undefined) yield { first, count: count - first };
}

/** What the stream ends with. */
async function lastBytes(source: ByteSource): Promise<Buffer> {
  let last = Buffer.alloc(0);
  for await (const piece of source.rest()) {
    last = piece.length >= SECTOR ? Buffer.from(piece.subarray(-SECTOR)) : Buffer.concat([last, piece]).subarray(-SECTOR);
  }
  return last;
}

/** The footer must say what its copy did: it is written last, by those who have written everything else. */
function checkEnd(bytes: Buffer, { type, size, id }: VhdFooter): void {
  if (bytes.length < SECTOR) throw earlyEnd();
  const footer = decodeFooter(bytes);
  if (footer.type !== type || footer.size !== size || !footer.id.equals(id))
    throw badFile('the footer of the VHD and the copy of it differ');
}
