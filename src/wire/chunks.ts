/** Part of an encoded reply: text that is still to be written as UTF-8, or bytes that were encoded before. */
export type Chunk = string | Buffer;

/** Gathers an encoded reply. Text that follows text becomes one chunk; buffers are kept as they are, never copied. */
export class ChunkWriter {
  readonly #chunks: Chunk[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
  }

  addBuffer(buffer: Buffer): void {
    if (this.#text) {
      this.#chunks.push(this.#text);
      this.#text = '';
    }
    this.#chunks.push(buffer);
  }

  /** Everything that was added. The writer is of no use afterwards. */
  finish(): Chunk[] {
    if (this.#text) this.#chunks.push(this.#text);
    return this.#chunks;
  }
}

/** Length of a reply in bytes, for Content-Length. */
export function byteLengthOf(chunks: readonly Chunk[]): number {
  let length = 0;
  for (const chunk of chunks) length += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
  return length;
}

/** A part of a reply that goes out in one write. */
export interface Portion {
  readonly bytes: Buffer;
  /** The buffer that `bytes` lies in, to be given back when they are gone; none for a chunk that was passed on as it is. */
  readonly lent?: Buffer;
}

/**
 * The reply in portions, made one at a time as they are asked for: a listing has two chunks per record, and writing each
 * by itself costs more than copying them. `lend` gives the buffers to copy into. A chunk that fills one goes out uncopied.
 */
export function* packChunks(chunks: readonly Chunk[], lend: () => Buffer): Generator<Portion, void, void> {
  let lent = lend();
  let used = 0;
  for (const chunk of chunks) {
    const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
    if (used > 0 && used + length > lent.length) {
      yield { bytes: lent.subarray(0, used), lent };
      lent = lend();
      used = 0;
    }
    if (length > lent.length) yield { bytes: typeof chunk === 'string' ? Buffer.from(chunk) : chunk };
    else used += typeof chunk === 'string' ? lent.write(chunk, used) : chunk.copy(lent, used);
  }
  if (used > 0) yield { bytes: lent.subarray(0, used), lent };
}

/** The whole reply in one buffer. */
export function joinChunks(chunks: readonly Chunk[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}
