import type { ByteSource } from '../../xva/byte-source.js';
import { badFile } from '../../xva/file-error.js';
import type { DiskPiece, DiskStream } from '../disk-stream.js';
import type { Spool } from '../spool.js';
import { SpooledSource } from '../spooled-source.js';
import { assertWhole } from './description.js';
import { decodeHeader, SECTOR, type VmdkHeader } from './header.js';
import { listedGrains } from './listed-grains.js';
import { markedGrains } from './marked-grains.js';

/**
 * Reads a VMDK that is whole in its file: monolithicSparse, and streamOptimized, which is what files of appliances have. What passes before
 * a table has told of it is kept in `spool`. Throws IMPORT_ERROR, IMPORT_ERROR_PREMATURE_EOF.
 */
export async function vmdkStream(source: ByteSource, spool: Spool): Promise<DiskStream> {
  const header = decodeHeader(await source.upTo(SECTOR));
  const { at, length } = header.text;
  if (length === 0) throw badFile('the VMDK is not whole: it is one of several files of a disk');
  const image = new SpooledSource(source, spool, 'VMDK');
  assertWhole((await image.read(at, length)).toString('latin1'));
  return {
    size: header.size,
    wholeUpTo: Infinity,
    mayRepeat: false,
    pieces: () => pieces(source, image, header),
  };
}

async function* pieces(source: ByteSource, image: SpooledSource, header: VmdkHeader): AsyncGenerator<DiskPiece, void, void> {
  const { directoryAt, dataAt } = header;
  if (directoryAt !== undefined) yield* listedGrains(image, header, directoryAt);
  else {
    if (!header.isCompressed || dataAt < source.taken) throw badFile('nothing in the VMDK says where its data is');
    await source.skip(dataAt - source.taken);
    yield* markedGrains(source, header);
  }
  await image.drain();
}
