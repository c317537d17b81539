import type { ByteSource } from '../xva/byte-source.js';
import { badFile, earlyEnd } from '../xva/file-error.js';
import { bytesPart, type DiskDescription, type DiskFile, type FilePart } from './disk-file.js';
import type { DiskPiece, DiskStream } from './disk-stream.js';

/** Bytes of the head of a record: where its data belongs, and how much there is. */
const HEAD = 12;

/** Longest record that is written, in bytes: readers hold each in memory. */
const LONGEST_RECORD = 2 ** 20;

/** Bytes that are taken from a record at a time. */
const PIECE = 2 ** 20;

function head(offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEAD);
  bytes.writeBigUInt64LE(BigInt(offset), 0);
  bytes.writeUInt32LE(length, 8);
  return bytes;
}

/** A disk as records of the parts that hold something, with their places. */
export function chunkedFile({ extents }: DiskDescription): DiskFile {
  let length = HEAD;
  for (const extent of extents) length += Math.ceil(extent.length / LONGEST_RECORD) * HEAD + extent.length;
  return { length, parts: () => parts(extents) };
}

function* parts(extents: DiskDescription['extents']): Generator<FilePart> {
  for (const { offset, length } of extents) {
    for (let at = 0; at < length; at += LONGEST_RECORD) {
      const part = Math.min(LONGEST_RECORD, length - at);
      yield bytesPart(head(offset + at, part));
      yield { kind: 'disk', offset: offset + at, length: part };
    }
  }
  yield bytesPart(head(0, 0));
}

/** Records of parts of a disk with their places, up to an empty one. */
export function chunkedStream(source: ByteSource): DiskStream {
  return { size: undefined, wholeUpTo: 0, mayRepeat: true, pieces: () => pieces(source) };
}

async function* pieces(source: ByteSource): AsyncGenerator<DiskPiece, void, void> {
  for (;;) {
    const record = await source.exactly(HEAD);
    const offset = Number(record.readBigUInt64LE(0));
    const length = record.readUInt32LE(8);
    if (offset === 0 && length === 0) return;
    if (!Number.isSafeInteger(offset + length)) throw badFile('a record says that it belongs behind the end of any disk');
    for (let done = 0; done < length; ) {
      const data = await source.some(Math.min(PIECE, length - done));
      if (data.length === 0) throw earlyEnd();
      yield { offset: offset + done, data };
      done += data.length;
    }
  }
}
