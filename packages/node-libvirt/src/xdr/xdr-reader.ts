import { XdrError } from './xdr-error.js';

const TWO_32 = 0x1_0000_0000;

/** Reads XDR (RFC 4506) values one after the other from bytes that came from outside: whatever is missing is an `XdrError`. */
export class XdrReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#at = offset;
  }

  /** Bytes that are not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** Beyond ±2^53 the nearest number that a double can hold. */
  hyper(): number {
    const at = this.#take(8);
    return this.#bytes.readInt32BE(at) * TWO_32 + this.#bytes.readUInt32BE(at + 4);
  }

  /** Beyond 2^53 the nearest number that a double can hold. */
  unsignedHyper(): number {
    const at = this.#take(8);
    return this.#bytes.readUInt32BE(at) * TWO_32 + this.#bytes.readUInt32BE(at + 4);
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** `length` bytes and the padding after them. They share memory with the message. */
  fixed(length: number): Buffer {
    const at = this.#take(length + padding(length));
    return this.#bytes.subarray(at, at + length);
  }

  /** All bytes that are left. They share memory with the message. */
  rest(): Buffer {
    const at = this.#take(this.left);
    return this.#bytes.subarray(at);
  }

  /** A count that stands before a list, bytes or a text, no larger than `most`. */
  count(most: number): number {
    const count = this.uint();
    if (count > most) throw new XdrError(`${count} elements where at most ${most} are allowed`);
    return count;
  }

  string(most: number): string {
    const length = this.count(most);
    const at = this.#take(length + padding(length));
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** Rejects bytes after the last value. */
  end(): void {
    if (this.left > 0) throw new XdrError(`${this.left} bytes too many`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.left) throw new XdrError(`${length} bytes are needed and ${this.left} are there`);
    this.#at = at + length;
    return at;
  }
}

/** Bytes that fill up to a multiple of four. */
export function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
