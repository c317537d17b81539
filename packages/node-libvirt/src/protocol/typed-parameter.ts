import type { Codec } from '../xdr/codec.js';
import { list } from '../xdr/codec.js';
import { XdrError } from '../xdr/xdr-error.js';
import type { XdrReader } from '../xdr/xdr-reader.js';
import type { XdrWriter } from '../xdr/xdr-writer.js';
import { string } from './texts.js';

/** Types of a typed parameter, in the order of their numbers on the wire, which begin with 1. */
const TYPES = ['int', 'uint', 'llong', 'ullong', 'double', 'boolean', 'string'] as const;

/** The type of a typed parameter: `llong` and `ullong` have 64 bits. */
export type TypedParameterType = (typeof TYPES)[number];

/** A named value with its type, as libvirt reports statistics and takes tuning with. */
export interface TypedParameter {
  readonly field: string;
  readonly type: TypedParameterType;
  readonly value: number | boolean | string;
}

/** A typed parameter for sending: numbers of 64 bits may be given as `bigint`, too. */
export interface TypedParameterInput {
  readonly field: string;
  readonly type: TypedParameterType;
  readonly value: number | bigint | boolean | string;
}

function readValue(from: XdrReader, type: TypedParameterType): number | boolean | string {
  switch (type) {
    case 'int':
      return from.int();
    case 'uint':
      return from.uint();
    case 'llong':
      return from.hyper();
    case 'ullong':
      return from.unsignedHyper();
    case 'double':
      return from.double();
    case 'boolean':
      return from.int() !== 0;
    case 'string':
      return string.read(from);
  }
}

function writeValue(to: XdrWriter, { field, type, value }: TypedParameterInput): void {
  if (type === 'string' && typeof value === 'string') string.write(to, value);
  else if (type === 'boolean' && typeof value === 'boolean') to.int(value ? 1 : 0);
  else if (type === 'llong' && (typeof value === 'number' || typeof value === 'bigint')) to.hyper(value);
  else if (type === 'ullong' && (typeof value === 'number' || typeof value === 'bigint')) to.unsignedHyper(value);
  else if (type === 'int' && typeof value === 'number') to.int(value);
  else if (type === 'uint' && typeof value === 'number') to.uint(value);
  else if (type === 'double' && typeof value === 'number') to.double(value);
  else throw new XdrError(`${typeof value} where ${type} is needed`, field);
}

/** The codec of one typed parameter. */
export const typedParameter: Codec<TypedParameter, TypedParameterInput> = {
  read(from) {
    const field = string.read(from);
    const number = from.int();
    const type = TYPES[number - 1];
    if (type === undefined) throw new XdrError(`${number} is no type of a parameter`, field);
    return { field, type, value: readValue(from, type) };
  },
  write(to, parameter) {
    const number = TYPES.indexOf(parameter.type) + 1;
    if (number === 0) throw new XdrError(`${String(parameter.type)} is no type of a parameter`, parameter.field);
    string.write(to, parameter.field);
    to.int(number);
    writeValue(to, parameter);
  },
};

/** A list of at most `most` typed parameters. */
export function typedParameters(most: number): Codec<readonly TypedParameter[], readonly TypedParameterInput[]> {
  return list(typedParameter, most);
}
