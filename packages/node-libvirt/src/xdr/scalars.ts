import type { Codec } from './codec.js';
import { XdrError } from './xdr-error.js';

/** A signed number of 32 bits. */
export const int: Codec<number> = { read: (from) => from.int(), write: (to, value) => to.int(value) };

/** An unsigned number of 32 bits. Results of JavaScript's bit operators, which are signed, may be given as they are. */
export const uint: Codec<number> = { read: (from) => from.uint(), write: (to, value) => to.uint(value) };

/** A signed number of 64 bits. Read as the nearest number: exact up to 2^53 either way. */
export const hyper: Codec<number, number | bigint> = { read: (from) => from.hyper(), write: (to, value) => to.hyper(value) };

/** An unsigned number of 64 bits. Read as the nearest number: exact up to 2^53. */
export const unsignedHyper: Codec<number, number | bigint> = {
  read: (from) => from.unsignedHyper(),
  write: (to, value) => to.unsignedHyper(value),
};

/** A floating point number of 64 bits. */
export const double: Codec<number> = { read: (from) => from.double(), write: (to, value) => to.double(value) };

/** Bytes of any length up to `most`. */
export function opaque(most: number): Codec<Buffer, Uint8Array> {
  return {
    read: (from) => from.fixed(from.count(most)),
    write(to, value) {
      if (!(value instanceof Uint8Array)) throw new XdrError(`${typeof value} where bytes are needed`);
      to.count(value.length, most);
      to.fixed(value);
    },
  };
}

/** A text in UTF-8 of at most `most` bytes. */
export function text(most: number): Codec<string> {
  return { read: (from) => from.string(most), write: (to, value) => to.string(value, most) };
}

/**
 * Characters as XDR has them in arrays, each in four bytes. In an array of fixed length (`length`) the first NUL ends the
 * text; in one with a count before it, too, since libvirt sends the NUL that ends a C string.
 */
export function characters(size: { readonly length: number } | { readonly most: number }): Codec<string> {
  return {
    read(from) {
      const count = 'length' in size ? size.length : from.count(size.most);
      const bytes = Buffer.alloc(count);
      for (let i = 0; i < count; i++) bytes[i] = from.int() & 0xff;
      const end = bytes.indexOf(0);
      return bytes.toString('utf8', 0, end < 0 ? count : end);
    },
    write(to, value) {
      if (typeof value !== 'string') throw new XdrError(`${typeof value} where a string is needed`);
      const bytes = Buffer.from(value);
      const most = 'length' in size ? size.length : size.most;
      if (bytes.length > most) throw new XdrError(`${bytes.length} bytes where at most ${most} are allowed`);
      if (!('length' in size)) to.count(bytes.length, most);
      // rpcgen's char is signed.
      for (const byte of bytes) to.int((byte << 24) >> 24);
      for (let i = bytes.length; 'length' in size && i < size.length; i++) to.int(0);
    },
  };
}
