import { earlyEnd } from './file-error.js';

/**
 * Takes bytes off a stream in the portions that its reader wants, whatever those are in which they come. The memory of what the stream
 * gives is its own again when more is asked of it.
 */
export class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** Bytes that have been taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** So many bytes, which are taken later all the same, or what there is left at the end of the stream. */
  async peek(length: number): Promise<Buffer> {
    while (this.#piece.length < length) {
      const before = Buffer.from(this.#piece);
      this.#piece = Buffer.alloc(0);
      const more = await this.#more();
      this.#piece = Buffer.concat([before, this.#piece]);
      if (!more) break;
    }
    return this.#piece.subarray(0, length);
  }

  /**
   * So many bytes, in the memory of `into` where that is given and has room for them. Throws IMPORT_ERROR_PREMATURE_EOF when the stream
   * ends before. The caller bounds their number.
   */
  async exactly(length: number, into?: Buffer): Promise<Buffer> {
    const bytes = await this.upTo(length, into);
    if (bytes.length < length) throw earlyEnd();
    return bytes;
  }

  /** So many bytes, or what there is left at the end of the stream; in the memory of `into` as `exactly`. */
  async upTo(length: number, into?: Buffer): Promise<Buffer> {
    const whole = into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      if (this.#piece.length === 0 && !(await this.#more())) return whole.subarray(0, filled);
      filled += this.#take(Math.min(this.#piece.length, length - filled)).copy(whole, filled);
    }
    return whole;
  }

  /** The next bytes as they came, at least one and at most so many, for use until more is asked for; none at the end of the stream. */
  async some(most: number): Promise<Buffer> {
    if (this.#piece.length === 0) await this.#more();
    return this.#take(Math.min(this.#piece.length, most));
  }

  /** Throws so many bytes away. Throws IMPORT_ERROR_PREMATURE_EOF when the stream ends before. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      if (this.#piece.length === 0 && !(await this.#more())) throw earlyEnd();
      left -= this.#take(Math.min(this.#piece.length, left)).length;
    }
  }

  /** Everything that is left, piece by piece, each for use until the next one is asked for. */
  async *rest(): AsyncGenerator<Buffer, void, void> {
    do if (this.#piece.length > 0) yield this.#take(this.#piece.length);
    while (await this.#more());
  }

  /** Ends the stream: its source need not go on. */
  async close(): Promise<void> {
    this.#piece = Buffer.alloc(0);
    await this.#pieces.return?.();
  }

  /** False at the end of the stream. */
  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#pieces.next();
      if (next.done) return false;
      this.#piece = next.value;
      if (this.#piece.length > 0) return true;
    }
  }

  #take(length: number): Buffer {
    const bytes = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    this.#taken += length;
    return bytes;
  }
}
