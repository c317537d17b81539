import { XdrError } from '../xdr/xdr-error.js';
import { HEADER_BYTES, LONGEST_MESSAGE } from './message.js';

const LENGTH_BYTES = 4;

/** Cuts the bytes of a connection into messages. Keeps no more than one message that is not whole yet. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #have = 0;

  /** Takes bytes as they come and gives every message that is whole. A length that cannot be is an `XdrError`. */
  *read(chunk: Buffer): Generator<Buffer, void> {
    let rest = this.#join(chunk);
    while (rest !== undefined) {
      const length = frameLength(rest);
      if (length === undefined || rest.length < length) {
        this.#chunks = [rest];
        this.#have = rest.length;
        return;
      }
      yield rest.subarray(0, length);
      rest = rest.length > length ? rest.subarray(length) : undefined;
    }
  }

  /** Everything that is there as one piece, or nothing while the message that it begins is known to be longer. */
  #join(chunk: Buffer): Buffer | undefined {
    const first = this.#chunks[0];
    if (first === undefined) return chunk;
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    const length = frameLength(first);
    if (length !== undefined && this.#have < length) return undefined;
    const whole = Buffer.concat(this.#chunks, this.#have);
    this.#chunks = [];
    this.#have = 0;
    return whole;
  }
}

function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length < HEADER_BYTES || length > LONGEST_MESSAGE) throw new XdrError(`a message of ${length} bytes`);
  return length;
}
