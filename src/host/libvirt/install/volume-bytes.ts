import { once } from 'node:events';
import type { Storage, VolumeAddress } from '../../storage.js';
import { RepositoryError } from './repository.js';

/** Bytes read at a time: opening a volume costs more than reading that much of it, and what belongs together lies together. */
const PIECE = 2 ** 19;

/** Pieces that are kept. */
const KEPT = 16;

/** Pieces that are read at most; finding a file takes five or so. An image that was made to keep the host busy is given up. */
const MOST = 128;

/** Bytes of a volume in any order, for finding something in it. */
export class VolumeBytes {
  private readonly storage: Pick<Storage, 'read'>;
  private readonly volume: VolumeAddress;
  private readonly kept = new Map<number, Buffer>();
  private count = 0;

  constructor(storage: Pick<Storage, 'read'>, volume: VolumeAddress) {
    this.storage = storage;
    this.volume = volume;
  }

  /** Fewer bytes at the end of the volume. Rejects with RepositoryError when that goes on for too long. */
  async read(offset: number, length: number): Promise<Buffer> {
    const read: Buffer[] = [];
    for (let at = offset - (offset % PIECE); at < offset + length; at += PIECE) {
      const piece = await this.piece(at);
      read.push(piece.subarray(Math.max(0, offset - at), Math.min(piece.length, offset + length - at)));
      if (piece.length < PIECE) break;
    }
    return Buffer.concat(read);
  }

  private async piece(at: number): Promise<Buffer> {
    const known = this.kept.get(at);
    if (known) return known;
    if (++this.count > MOST) throw new RepositoryError('the image in the CD drive is too tangled to be read');
    const bytes: Buffer[] = [];
    for await (const chunk of volumeContent(this.storage, this.volume, at, PIECE)) bytes.push(chunk);
    const piece = Buffer.concat(bytes);
    const [oldest] = this.kept.keys();
    if (this.kept.size >= KEPT && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(at, piece);
    return piece;
  }
}

/** So many bytes of a volume from an offset on, as far as it has them. It is closed again when this has ended. */
export async function* volumeContent(
  storage: Pick<Storage, 'read'>,
  volume: VolumeAddress,
  offset: number,
  length: number,
): AsyncGenerator<Buffer> {
  if (length === 0) return;
  const stream = await storage.read(volume, offset);
  let left = length;
  try {
    // Left to itself the loop would destroy the stream as if it had failed.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes: unknown = chunk;
      if (!Buffer.isBuffer(bytes)) throw new Error('a volume is read as bytes');
      yield bytes.subarray(0, left);
      left -= bytes.length;
      if (left <= 0) return;
    }
  } finally {
    if (!stream.closed) {
      stream.destroy();
      await once(stream, 'close');
    }
  }
}
