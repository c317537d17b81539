import type { ByteSource } from '../xva/byte-source.js';
import { badFile, earlyEnd } from '../xva/file-error.js';
import type { Spool } from './spool.js';

/** Bytes that are taken at a time. */
const PIECE = 2 ** 20;

/**
 * An image that comes as a stream and whose parts are read at their places. What passes on the way to a place is kept in a spool, as
 * something may point back to it. What has been read is not kept: parts that lie over one another are refused.
 */
export class SpooledSource {
  readonly #source: ByteSource;
  readonly #spool: Spool;
  readonly #format: string;
  /** Bytes that were found among those that were kept. */
  #found = 0;
  #keeps = true;

  /** `format`: what the image is called in refusals. */
  constructor(source: ByteSource, spool: Spool, format: string) {
    this.#source = source;
    this.#spool = spool;
    this.#format = format;
  }

  /** Says that nothing points back any more: what passes from now on is not kept. */
  forget(): void {
    this.#keeps = false;
  }

  /**
   * At least one byte and at most so many from a place on, whether it comes yet or has passed. Throws IMPORT_ERROR for what has been read
   * already, IMPORT_ERROR_PREMATURE_EOF.
   */
  async some(at: number, length: number): Promise<Buffer> {
    const { taken } = this.#source;
    if (at < taken) {
      const bytes = await this.#spool.find(at, Math.min(length, PIECE, taken - at));
      this.#found += bytes?.length ?? 0;
      // What is there once can be found once.
      if (bytes === undefined || this.#found > taken) throw badFile(`parts of the ${this.#format} lie over one another`);
      return bytes;
    }
    while (this.#source.taken < at) {
      const [place, left] = [this.#source.taken, at - this.#source.taken];
      const bytes = await this.#next(left);
      if (this.#keeps) await this.#spool.keep(place, bytes);
    }
    return this.#next(length);
  }

  /** So many bytes from a place on; the caller bounds their number. Throws as `some`. */
  async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) done += (await this.some(at + done, length - done)).copy(bytes, done);
    return bytes;
  }

  /** A part of the file as pieces of the disk from an offset on. Throws as `some`. */
  async *pieces(at: number, length: number, offset: number): AsyncGenerator<{ offset: number; data: Buffer }, void, void> {
    for (let done = 0; done < length; ) {
      const data = await this.some(at + done, Math.min(PIECE, length - done));
      yield { offset: offset + done, data };
      done += data.length;
    }
  }

  /** Takes what is left: whoever sends is to know that all has come. */
  async drain(): Promise<void> {
    for await (const _ of this.#source.rest());
  }

  async #next(most: number): Promise<Buffer> {
    const bytes = await this.#source.some(Math.min(most, PIECE));
    if (bytes.length === 0) throw earlyEnd();
    return bytes;
  }
}
