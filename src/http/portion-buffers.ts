/** Buffers that are kept for the next large reply: a few replies go out at a time, each with one or two portions on its way. */
const KEPT = 32;

/**
 * Buffers for the portions of large replies, used again and again. New ones for every portion would add up to tens of
 * megabytes a reply, and make the garbage collector stop all other calls for a tenth of a second now and then.
 */
export class PortionBuffers {
  readonly #size: number;
  readonly #free: Buffer[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Replies that are longer go out in portions. */
  get size(): number {
    return this.#size;
  }

  lend(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  giveBack(buffer: Buffer): void {
    if (this.#free.length < KEPT) this.#free.push(buffer);
  }
}
