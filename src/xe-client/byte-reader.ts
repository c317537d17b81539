import type { Readable } from 'node:stream';
import { ByteQueue } from '../wire/xe/byte-queue.js';
import { ClientProblem, LOST } from './problem.js';
import { chunkAtHand, nextChunk } from './streams.js';

/** Takes bytes from a connection in the portions that its protocol has. While nobody asks, the sender has to wait. */
export class ByteReader {
  readonly #stream: Readable;
  readonly #beforeWaiting: () => Promise<void>;
  readonly #queue = new ByteQueue();

  /** @param beforeWaiting done whenever there is nothing to read for now */
  constructor(stream: Readable, beforeWaiting: () => Promise<void> = async () => {}) {
    this.#stream = stream;
    this.#beforeWaiting = beforeWaiting;
  }

  /** The next bytes, as many as asked for. Rejects with ClientProblem when the connection ends before. */
  async take(size: number): Promise<Buffer> {
    while (this.#queue.length < size) {
      const chunk = chunkAtHand(this.#stream) ?? (await this.#wait());
      if (chunk === undefined) throw new ClientProblem(LOST);
      this.#queue.push(chunk);
    }
    return this.#queue.take(size);
  }

  async #wait(): Promise<Buffer | undefined> {
    await this.#beforeWaiting();
    return nextChunk(this.#stream).catch(() => undefined);
  }
}
