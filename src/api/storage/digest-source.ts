import { DIGEST_SIZE, digestsOfZeros } from './block-digests.js';

/** Takes digests out of a row of buffers, as many at a time as are wanted. Behind the end there are those of zeros. */
export class DigestSource {
  readonly #digests: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(digests: AsyncIterator<Buffer>) {
    this.#digests = digests;
  }

  /** The next digests, one after the other. */
  async take(blocks: number): Promise<Buffer> {
    const wanted = blocks * DIGEST_SIZE;
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < wanted) {
      const { value, done } = await this.#digests.next();
      const more = done ? [...digestsOfZeros(Math.ceil((wanted - length) / DIGEST_SIZE))] : [value];
      for (const part of more) {
        parts.push(part);
        length += part.length;
      }
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = all.subarray(wanted);
    return all.subarray(0, wanted);
  }

  /** Lets go of what the digests are made from. */
  async close(): Promise<void> {
    await this.#digests.return?.();
  }
}
