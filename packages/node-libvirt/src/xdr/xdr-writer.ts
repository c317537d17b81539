import { XdrError } from './xdr-error.js';
import { padding } from './xdr-reader.js';

/** Enough for nearly all calls. */
const FIRST_SIZE = 512;

const MAX_INT = 0x7fff_ffff;
const MIN_INT = -0x8000_0000;
const MAX_UINT = 0xffff_ffff;
const MAX_HYPER = 2n ** 63n - 1n;
const MIN_HYPER = -(2n ** 63n);
const MAX_UNSIGNED_HYPER = 2n ** 64n - 1n;
const TWO_32 = 0x1_0000_0000;

/** Writes XDR (RFC 4506) values one after the other into bytes that grow. A value out of its range is an `XdrError`. */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #at = 0;

  /** What is written so far. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  int(value: number): void {
    if (!Number.isInteger(value) || value < MIN_INT || value > MAX_INT) throw outOfRange(value, 'int');
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
  }

  /** Takes negative numbers of 32 bits too: `1 << 31` and what JavaScript's bit operators make of it are negative. */
  uint(value: number): void {
    if (!Number.isInteger(value) || value < MIN_INT || value > MAX_UINT) throw outOfRange(value, 'unsigned int');
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
  }

  hyper(value: number | bigint): void {
    if (Number.isSafeInteger(value)) {
      this.#safe(Number(value));
      return;
    }
    const whole = toBigInt(value, 'hyper');
    if (whole < MIN_HYPER || whole > MAX_HYPER) throw outOfRange(value, 'hyper');
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(whole, at);
  }

  unsignedHyper(value: number | bigint): void {
    if (Number.isSafeInteger(value) && value >= 0) {
      this.#safe(Number(value));
      return;
    }
    const whole = toBigInt(value, 'unsigned hyper');
    if (whole < 0n || whole > MAX_UNSIGNED_HYPER) throw outOfRange(value, 'unsigned hyper');
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64BE(whole, at);
  }

  double(value: number): void {
    if (typeof value !== 'number') throw outOfRange(value, 'double');
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  /** Bytes without a count before them. */
  fixed(value: Uint8Array): void {
    const fill = padding(value.length);
    const at = this.#grow(value.length + fill);
    this.#bytes.set(value, at);
    this.#bytes.fill(0, at + value.length, at + value.length + fill);
  }

  count(value: number, most: number): void {
    if (value > most) throw new XdrError(`${value} elements where at most ${most} are allowed`);
    this.uint(value);
  }

  /** libvirt is C: a text that holds a NUL would arrive cut off there, so it is refused. */
  string(value: string, most: number): void {
    if (typeof value !== 'string') throw new XdrError(`${typeof value} where a string is needed`);
    if (value.includes('\0')) throw new XdrError('a string must not hold a NUL');
    const length = Buffer.byteLength(value);
    this.count(length, most);
    const fill = padding(length);
    const at = this.#grow(length + fill);
    this.#bytes.write(value, at, 'utf8');
    this.#bytes.fill(0, at + length, at + length + fill);
  }

  #safe(value: number): void {
    const high = Math.floor(value / TWO_32);
    const at = this.#grow(8);
    this.#bytes.writeInt32BE(high, at);
    this.#bytes.writeUInt32BE(value - high * TWO_32, at + 4);
  }

  #grow(length: number): number {
    const at = this.#at;
    const end = at + length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#at = end;
    return at;
  }
}

function toBigInt(value: number | bigint, type: string): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isInteger(value)) throw outOfRange(value, type);
  return BigInt(value);
}

function outOfRange(value: unknown, type: string): XdrError {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value;
  return new XdrError(`${text} where ${type} is needed`);
}
