import type { VolumeContent } from '../../../host/volume-content.js';
import type { DiskFile, FilePart } from '../../../wire/disk/disk-file.js';

/** Bytes that are read, and sent, at a time. */
const PIECE = 2 ** 20;
/** Reads that are under way, so that disk, network and client work at the same time. */
const AHEAD = 6;
const ZEROS = Buffer.alloc(PIECE);

interface Piece {
  readonly bytes: Buffer;
  /** Memory that may be used again. */
  readonly memory?: Buffer;
}

/**
 * The bytes of a file in which a disk is written, piece by piece. Storage is asked ahead of what is being sent. The memory of a piece
 * is used again when the next one is asked for.
 */
export async function* fileBytes(file: DiskFile, content: VolumeContent): AsyncGenerator<Buffer, void, void> {
  const parts = piecesOf(file.parts());
  const free: Buffer[] = [];
  const ahead: Promise<Piece>[] = [];
  try {
    for (;;) {
      while (ahead.length < AHEAD) {
        const { value: part, done } = parts.next();
        if (done) break;
        const piece = read(part, content, () => free.pop() ?? Buffer.allocUnsafeSlow(PIECE));
        // Whoever gives up waits for none of them.
        piece.catch(() => undefined);
        ahead.push(piece);
      }
      const next = ahead.shift();
      if (next === undefined) return;
      const { bytes, memory } = await next;
      yield bytes;
      if (memory !== undefined) free.push(memory);
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

async function read(part: FilePart, content: VolumeContent, memory: () => Buffer): Promise<Piece> {
  if (part.kind === 'bytes') return { bytes: part.bytes };
  if (part.kind === 'zeros') return { bytes: ZEROS.subarray(0, part.length) };
  const own = memory();
  return { bytes: await content.read(part.offset, part.length, own), memory: own };
}

function* piecesOf(parts: Iterable<FilePart>): Generator<FilePart, undefined, void> {
  for (const part of parts) {
    if (part.kind === 'bytes') yield part;
    else if (part.kind === 'zeros') {
      for (let left = part.length; left > 0; left -= PIECE) yield { kind: 'zeros', length: Math.min(left, PIECE) };
    } else {
      const end = part.offset + part.length;
      for (let at = part.offset; at < end; ) {
        // At multiples, where images have their clusters.
        const next = Math.min(end, at - (at % PIECE) + PIECE);
        yield { kind: 'disk', offset: at, length: next - at };
        at = next;
      }
    }
  }
  return undefined;
}
