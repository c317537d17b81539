import type { ByteSource } from '../../xva/byte-source.js';
import { badFile } from '../../xva/file-error.js';
import { roundUp } from '../disk-file.js';
import type { DiskPiece } from '../disk-stream.js';
import { decodeMarker, inflateGrain, MARKER } from './compressed-grain.js';
import { GrainSet } from './grain-set.js';
import { decodeHeader, SECTOR, type VmdkHeader } from './header.js';

/** What a marker of no grain stands before. */
const KINDS = { end: 0, table: 1, directory: 2, footer: 3 } as const;

/**
 * The grains of a VMDK that was written to be read from start to end, as they are in files of appliances: each says where it belongs.
 * `source` stands where data begins. The tables are passed over; that nothing is missing says the footer, which comes last. Throws
 * IMPORT_ERROR, IMPORT_ERROR_PREMATURE_EOF.
 */
export async function* markedGrains(source: ByteSource, header: VmdkHeader): AsyncGenerator<DiskPiece, void, void> {
  const { grainSize, size } = header;
  const seen = new GrainSet();
  let hasFooter = false;
  for (;;) {
    const sector = await source.exactly(SECTOR);
    const { value, length } = decodeMarker(sector, header);
    if (length > 0) {
      const offset = value * SECTOR;
      if (offset % grainSize !== 0 || offset >= size || !seen.add(offset / grainSize))
        throw badFile('a part of the VMDK belongs to no place of the disk, or to one that another part has');
      yield { offset, data: inflateGrain(await grainAt(source, sector, length), offset, header) };
      continue;
    }
    switch (sector.readUInt32LE(MARKER)) {
      case KINDS.end:
        if (!hasFooter) throw badFile('the footer of the VMDK is missing');
        return;
      case KINDS.table:
      case KINDS.directory:
        await source.skip(value * SECTOR);
        break;
      case KINDS.footer:
        if (value !== 1) throw badFile('the footer of the VMDK makes no sense');
        checkFooter(decodeHeader(await source.exactly(SECTOR)), header);
        hasFooter = true;
        break;
      default:
        throw badFile('a marker in the VMDK is of an unknown kind');
    }
  }
}

/** The compressed bytes of a grain, which begin in the sector of its marker and are filled up to whole sectors. */
async function grainAt(source: ByteSource, sector: Buffer, length: number): Promise<Buffer> {
  const first = sector.subarray(MARKER, MARKER + length);
  const more = roundUp(MARKER + length, SECTOR) - SECTOR;
  if (more === 0) return first;
  // The memory of what was taken is the stream's own again when more is.
  const kept = Buffer.from(first);
  return Buffer.concat([kept, await source.exactly(more)]).subarray(0, length);
}

function checkFooter(footer: VmdkHeader, { size, grainSize }: VmdkHeader): void {
  if (footer.size !== size || footer.grainSize !== grainSize || footer.directoryAt === undefined)
    throw badFile('the footer of the VMDK and its header differ');
}
