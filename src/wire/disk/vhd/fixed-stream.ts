import type { ByteSource } from '../../xva/byte-source.js';
import { badFile, earlyEnd } from '../../xva/file-error.js';
import type { DiskPiece, DiskStream } from '../disk-stream.js';
import { decodeFooter, SECTOR, VHD_TYPES } from './footer.js';

/** Reads a VHD that is plain bytes with a footer behind them. `first`: what was taken of it already. */
export function fixedVhdStream(first: Buffer, source: ByteSource, length: number | undefined): DiskStream {
  return {
    size: length === undefined ? undefined : Math.max(0, length - SECTOR),
    wholeUpTo: Infinity,
    mayRepeat: false,
    pieces: () => pieces(first, source),
  };
}

async function* pieces(first: Buffer, source: ByteSource): AsyncGenerator<DiskPiece, void, void> {
  let offset = 0;
  // What may be the footer is held back until more comes.
  let held = first;
  for await (const piece of source.rest()) {
    const sent = Math.max(0, held.length + piece.length - SECTOR);
    if (sent > 0) {
      const old = held.subarray(0, sent);
      if (old.length > 0) yield { offset, data: old };
      const fresh = piece.subarray(0, sent - old.length);
      if (fresh.length > 0) yield { offset: offset + old.length, data: fresh };
    }
    held = Buffer.concat([held.subarray(Math.min(held.length, sent)), piece.subarray(Math.max(0, sent - held.length))]);
    offset += sent;
  }
  if (held.length < SECTOR) throw earlyEnd();
  const { type, size } = decodeFooter(held);
  if (type !== VHD_TYPES.fixed) throw badFile('the VHD has a footer of another type than that of plain bytes');
  if (size !== offset) throw badFile('the VHD has not as many bytes as its footer says');
}
