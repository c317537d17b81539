import { XdrError } from './xdr-error.js';
import type { XdrReader } from './xdr-reader.js';
import type { XdrWriter } from './xdr-writer.js';

/** How values of one type of the protocol are read and written. More may be accepted for writing than comes from reading. */
export interface Codec<Out, In = Out> {
  read(from: XdrReader): Out;
  write(to: XdrWriter, value: In): void;
}

/** Some codec, of whatever type. */
export type AnyCodec = Codec<unknown, never>;

/** Members of a structure, in the order of the wire. */
export type Fields = Readonly<Record<string, AnyCodec>>;

/** What reading with a codec gives. */
export type Decoded<C> = C extends { read(from: XdrReader): infer Out } ? Out : never;

/** What a codec can write. */
export type Encodable<C> = C extends { write(to: XdrWriter, value: infer In): void } ? In : never;

type Omittable<F extends Fields> = { [K in keyof F]: undefined extends Encodable<F[K]> ? K : never }[keyof F];

/** A structure as reading gives it: every member is there, those that the peer left out as `undefined`. */
export type DecodedFields<F extends Fields> = { readonly [K in keyof F]: Decoded<F[K]> };

/** A structure as it may be given for writing: members that the protocol lets be absent may be left out. */
export type EncodableFields<F extends Fields> = { readonly [K in Exclude<keyof F, Omittable<F>>]: Encodable<F[K]> } & {
  readonly [K in Omittable<F>]?: Encodable<F[K]>;
};

/** A structure: its members one after the other. */
export function struct<const F extends Fields>(fields: F): Codec<DecodedFields<F>, EncodableFields<F>> {
  const members = Object.entries(fields) as [string, Codec<unknown, unknown>][];
  return {
    read(from) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of members) {
        try {
          value[name] = codec.read(from);
        } catch (error) {
          throw XdrError.within(name, error);
        }
      }
      return value as DecodedFields<F>;
    },
    write(to, value) {
      if (typeof value !== 'object' || value === null) throw new XdrError(`${typeof value} where a structure is needed`);
      const record = value as Readonly<Record<string, unknown>>;
      for (const [name, codec] of members) {
        try {
          codec.write(to, record[name]);
        } catch (error) {
          throw XdrError.within(name, error);
        }
      }
    },
  };
}

/** A list of at most `most` elements with its length before it. */
export function list<Out, In>(element: Codec<Out, In>, most: number): Codec<readonly Out[], readonly In[]> {
  return {
    read(from) {
      const count = from.count(most);
      const values: Out[] = [];
      for (let i = 0; i < count; i++) {
        try {
          values.push(element.read(from));
        } catch (error) {
          throw XdrError.within(`[${i}]`, error);
        }
      }
      return values;
    },
    write(to, values) {
      if (!Array.isArray(values)) throw new XdrError(`${typeof values} where a list is needed`);
      to.count(values.length, most);
      for (const [i, value] of values.entries()) {
        try {
          element.write(to, value);
        } catch (error) {
          throw XdrError.within(`[${i}]`, error);
        }
      }
    },
  };
}

/** A value that may be absent: a flag, and the value after it if it is there. */
export function optional<Out, In>(codec: Codec<Out, In>): Codec<Out | undefined, In | undefined | null> {
  return {
    read(from) {
      return from.count(1) === 1 ? codec.read(from) : undefined;
    },
    write(to, value) {
      const there = value !== undefined && value !== null;
      to.uint(there ? 1 : 0);
      if (there) codec.write(to, value);
    },
  };
}
