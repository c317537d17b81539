import { Readable } from 'node:stream';
import { asVolumeError } from '../image/image-error.js';
import type { OpenImage } from './image-server.js';

/** Bytes that are asked for at a time. */
const PIECE = 2 ** 20;
/** Pieces that are asked for ahead, so that disk, server and reader work at the same time. */
const AHEAD = 4;

/** The content of a volume from an offset on; what lies behind the end of its image, up to `size`, is zeros. */
export class VolumeReader extends Readable {
  readonly #uuid: string;
  readonly #image: OpenImage;
  readonly #size: number;
  /** What is under way, in order. */
  readonly #ahead: Promise<Buffer>[] = [];
  #asked: number;
  #isClosed = false;

  constructor(uuid: string, image: OpenImage, size: number, offset: number) {
    super({ highWaterMark: PIECE });
    this.#uuid = uuid;
    this.#image = image;
    this.#size = size;
    this.#asked = offset;
  }

  override _read(): void {
    this.#next().then(
      (bytes) => this.push(bytes),
      (thrown: unknown) => this.destroy(asStreamError(thrown, this.#uuid, 'read')),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#close().then(
      () => done(error),
      (thrown: Error) => done(error ?? thrown),
    );
  }

  async #next(): Promise<Buffer | null> {
    while (this.#ahead.length < AHEAD && this.#asked < this.#size) {
      const length = Math.min(PIECE, this.#size - this.#asked);
      const piece = this.#piece(this.#asked, length);
      // Whoever waits for it gets its failure; until then it is nobody's.
      piece.catch(() => undefined);
      this.#ahead.push(piece);
      this.#asked += length;
    }
    const first = this.#ahead.shift();
    if (first !== undefined) return first;
    // The end is told when others can open the volume.
    await this.#close();
    return null;
  }

  async #piece(offset: number, length: number): Promise<Buffer> {
    const { disk } = this.#image;
    const there = Math.max(0, Math.min(length, disk.size - offset));
    const bytes = Buffer.allocUnsafe(length).fill(0, there);
    if (there > 0) await disk.read(offset, bytes.subarray(0, there));
    return bytes;
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#image.close();
  }
}

/** What a stream is destroyed with. */
export function asStreamError(thrown: unknown, uuid: string, operation: string): Error {
  const error = asVolumeError(thrown, uuid, operation);
  return error instanceof Error ? error : new Error(String(error));
}
