import type { ByteSource } from '../xva/byte-source.js';
import type { DiskPiece, DiskStream } from './disk-stream.js';

/** Plain bytes from the start of a disk on. `length`: their number, when it was said. */
export function rawStream(source: ByteSource, length: number | undefined): DiskStream {
  return { size: length, wholeUpTo: length ?? 0, mayRepeat: false, pieces: () => pieces(source) };
}

async function* pieces(source: ByteSource): AsyncGenerator<DiskPiece, void, void> {
  let offset = 0;
  for await (const data of source.rest()) {
    yield { offset, data };
    offset += data.length;
  }
}
