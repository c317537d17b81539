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

/** Size of the buffers of packChunks: large enough that the cost of a write does not count, small enough to stay in the CPU's cache. */
export const PACKED_BYTES = 256 * 1024;

/**
 * The reply as buffers of about `size` bytes, made one at a time as they are asked for: a listing has two chunks per
 * record, and writing each by itself costs more than copying them. A buffer of `size` or more goes out uncopied.
 */
export function* packChunks(chunks: readonly Chunk[], size: number = PACKED_BYTES): Generator<Buffer, void, void> {
  let batch: Buffer[] = [];
  let length = 0;
  for (const chunk of chunks) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (length > 0 && length + buffer.length > size) {
      yield batch.length === 1 ? (batch[0] as Buffer) : Buffer.concat(batch, length);
      batch = [];
      length = 0;
    }
    batch.push(buffer);
    length += buffer.length;
  }
  if (length > 0) yield Buffer.concat(batch, length);
}

/** The whole reply in one buffer. */
export function joinChunks(chunks: readonly Chunk[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}
