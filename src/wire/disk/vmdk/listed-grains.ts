import { badFile } from '../../xva/file-error.js';
import { roundUp } from '../disk-file.js';
import type { DiskPiece } from '../disk-stream.js';
import { type FileRun, FileRuns } from '../file-runs.js';
import type { SpooledSource } from '../spooled-source.js';
import { decodeMarker, inflateGrain, MARKER } from './compressed-grain.js';
import { SECTOR, type VmdkHeader } from './header.js';

/** An entry that stands for a grain of zeros, where the header says that there are such. */
const ZERO_GRAIN = 1;

/** The grains of a VMDK that its tables tell of, in the order of the file. Throws as `SpooledSource`. */
export async function* listedGrains(
  image: SpooledSource,
  header: VmdkHeader,
  directoryAt: number,
): AsyncGenerator<DiskPiece, void, void> {
  const runs = new FileRuns();
  let tables = addTables(runs, await image.read(directoryAt, header.tables * 4), header);
  if (tables === 0) image.forget();
  for (let run = runs.take(); run !== undefined; run = runs.take()) {
    if (run.offset < 0) {
      addGrains(runs, await image.read(run.at, run.length), -1 - run.offset, header);
      if (--tables === 0) image.forget();
    } else if (header.isCompressed) yield await compressedGrain(image, run, header);
    else yield* image.pieces(run.at, run.length, run.offset);
  }
}

/** Adds the tables that are there; returns how many. Which one it is stands where a grain has its offset. */
function addTables(runs: FileRuns, directory: Buffer, { tableEntries }: VmdkHeader): number {
  let count = 0;
  for (let index = 0; index * 4 < directory.length; index++) {
    const at = directory.readUInt32LE(index * 4) * SECTOR;
    if (at === 0) continue;
    runs.add({ at, length: tableEntries * 4, offset: -1 - index });
    count++;
  }
  return count;
}

/** Adds the grains of a table; those that follow one another both in the file and on the disk are one run. */
function addGrains(runs: FileRuns, table: Buffer, index: number, header: VmdkHeader): void {
  const { grainSize, tableEntries, size, isCompressed, hasZeroGrains } = header;
  let run: { at: number; length: number; offset: number } | undefined;
  for (let entry = 0; entry * 4 < table.length; entry++) {
    const sector = table.readUInt32LE(entry * 4);
    const offset = (index * tableEntries + entry) * grainSize;
    if (sector === 0 || (sector === ZERO_GRAIN && hasZeroGrains) || offset >= size) continue;
    const [at, length] = [sector * SECTOR, Math.min(grainSize, size - offset)];
    if (!isCompressed && run !== undefined && at === run.at + run.length && offset === run.offset + run.length) {
      run.length += length;
      continue;
    }
    if (run !== undefined) runs.add(run);
    run = { at, length, offset };
  }
  if (run !== undefined) runs.add(run);
}

async function compressedGrain(image: SpooledSource, { at, offset }: FileRun, header: VmdkHeader): Promise<DiskPiece> {
  const { value, length } = decodeMarker(await image.read(at, MARKER), header);
  if (value * SECTOR !== offset || length === 0) throw badFile('a part of the VMDK belongs elsewhere than its table says');
  const bytes = await image.read(at + MARKER, roundUp(MARKER + length, SECTOR) - MARKER);
  return { offset, data: inflateGrain(bytes.subarray(0, length), offset, header) };
}
