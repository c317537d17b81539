import type { Codec, DecodedFields, EncodableFields, Fields } from '../xdr/codec.js';
import { struct } from '../xdr/codec.js';

/** Numbers of the programs that a libvirt daemon serves, each of them in version 1 only. */
export const Program = { REMOTE: 0x2000_8086, QEMU: 0x2000_8087, KEEPALIVE: 0x6b65_6570 } as const;

/** Which way the bytes of a call's stream go, seen from the client. */
export type StreamDirection = 'read' | 'write' | 'both';

/** A call of the protocol. `A` are the members of its arguments, `R` those of its result: `undefined` if it has none. */
export interface Call<A extends Fields, R extends Fields | undefined, S extends StreamDirection | undefined = undefined> {
  readonly program: number;
  readonly number: number;
  readonly stream: S;
  readonly args: Codec<DecodedFields<A>, EncodableFields<A>>;
  readonly result: Codec<ResultFields<R>>;
}

/** What a call with the result's members `R` gives. */
export type ResultFields<R extends Fields | undefined> = R extends Fields ? DecodedFields<R> : undefined;

const nothing: Codec<undefined> = { read: () => undefined, write: () => undefined };

/** A call by its number in the program REMOTE. */
export function call<const A extends Fields>(number: number, args: A): Call<A, undefined>;
export function call<const A extends Fields, const R extends Fields>(number: number, args: A, result: R): Call<A, R>;
export function call(number: number, args: Fields, result?: Fields): Call<Fields, Fields | undefined> {
  return declare(Program.REMOTE, number, undefined, args, result);
}

/** A call of the program QEMU. */
export function qemuCall<const A extends Fields>(number: number, args: A): Call<A, undefined>;
export function qemuCall<const A extends Fields, const R extends Fields>(number: number, args: A, result: R): Call<A, R>;
export function qemuCall(number: number, args: Fields, result?: Fields): Call<Fields, Fields | undefined> {
  return declare(Program.QEMU, number, undefined, args, result);
}

/** A call of the program REMOTE that opens a stream beside its result. */
export function streamCall<const S extends StreamDirection, const A extends Fields>(
  number: number,
  stream: S,
  args: A,
): Call<A, undefined, S>;
/** The same for a call with a result. */
export function streamCall<const S extends StreamDirection, const A extends Fields, const R extends Fields>(
  number: number,
  stream: S,
  args: A,
  result: R,
): Call<A, R, S>;
/** What both do. */
export function streamCall(
  number: number,
  stream: StreamDirection,
  args: Fields,
  result?: Fields,
): Call<Fields, Fields | undefined, StreamDirection> {
  return declare(Program.REMOTE, number, stream, args, result);
}

function declare<S extends StreamDirection | undefined>(
  program: number,
  number: number,
  stream: S,
  args: Fields,
  result: Fields | undefined,
): Call<Fields, Fields | undefined, S> {
  const results = (result === undefined ? nothing : struct(result)) as Codec<ResultFields<Fields | undefined>>;
  return { program, number, stream, args: struct(args), result: results };
}
