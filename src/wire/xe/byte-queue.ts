/** Bytes that have arrived and nobody has taken, and whoever waits for them. */
export class ByteQueue {
  #parts: Buffer[] = [];
  #length = 0;
  #ended: Error | undefined;
  #waiting: { readonly size: number; resolve(bytes: Buffer): void; reject(error: Error): void } | undefined;
  #whenTaken: (() => void) | undefined;

  /** Bytes that lie here. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that somebody waits for. */
  get wanted(): number {
    return this.#waiting?.size ?? 0;
  }

  push(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    this.#serve();
  }

  /** Nothing more comes: whoever waits for more than is here gets the error, now or later. */
  end(error: Error): void {
    this.#ended ??= error;
    this.#serve();
  }

  /** Calls back once, when bytes are next asked for. */
  whenTaken(callback: () => void): void {
    this.#whenTaken = callback;
  }

  /** The next bytes, as many as asked for. Rejects when they cannot come any more. One may wait at a time. */
  take(size: number): Promise<Buffer> {
    if (this.#waiting) throw new Error('somebody waits for the next bytes already');
    return new Promise((resolve, reject) => {
      this.#waiting = { size, resolve, reject };
      this.#serve();
      this.#whenTaken?.();
      this.#whenTaken = undefined;
    });
  }

  /** The bytes up to and including a mark, or undefined when it does not come within a number of bytes. */
  async takeThrough(mark: Buffer, limit: number): Promise<Buffer | undefined> {
    for (let size = mark.length; ; size = this.#length + 1) {
      if (this.#length < size) await this.#arrived(size);
      const all = this.#joined();
      const at = all.subarray(0, limit).indexOf(mark);
      if (at >= 0) return this.#cut(at + mark.length);
      if (this.#length >= limit) return undefined;
    }
  }

  /** Resolves when so many bytes lie here; they stay. */
  async #arrived(size: number): Promise<void> {
    const bytes = await this.take(size);
    this.#parts.unshift(bytes);
    this.#length += bytes.length;
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    if (this.#length >= waiting.size) {
      this.#waiting = undefined;
      waiting.resolve(this.#cut(waiting.size));
    } else if (this.#ended) {
      this.#waiting = undefined;
      waiting.reject(this.#ended);
    }
  }

  #joined(): Buffer {
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }

  #cut(size: number): Buffer {
    const all = this.#joined();
    this.#parts = size < all.length ? [all.subarray(size)] : [];
    this.#length -= size;
    return all.subarray(0, size);
  }
}
