import { MAX_INTEGER_LENGTH } from './limits.js';
import { WireSyntaxError } from './syntax-error.js';

/** A number that was written as a float, so that `5.0` stays apart from `5`. */
export class RawFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A whole number that a double cannot hold, as its digits: a request id may be one and is echoed exactly. */
export class RawBigInteger {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

/** Text under an XML-RPC tag other than `string`: a date, or base64, which no type of the model takes. */
export class RawTagged {
  readonly tag: 'dateTime.iso8601' | 'base64';
  readonly text: string;

  constructor(tag: RawTagged['tag'], text: string) {
    this.tag = tag;
    this.text = text;
  }
}

/**
 * A value as the parsers leave it, before a type of the model is known. Structs are Maps: no member name can reach a
 * prototype. Of members with the same name the first one counts.
 */
export type RawValue =
  | string
  | number
  | boolean
  | null
  | RawFloat
  | RawBigInteger
  | RawTagged
  | readonly RawValue[]
  | ReadonlyMap<string, RawValue>;

/** The raw value of an optional sign and decimal digits. Throws WireSyntaxError when it cannot be one of 64 bits. */
export function rawInteger(digits: string): number | RawBigInteger {
  if (digits.length > MAX_INTEGER_LENGTH) throw new WireSyntaxError('a whole number of more than 64 bits');
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : new RawBigInteger(digits);
}

/** What kind of value it is, for error texts. Never the value itself, which may be a password. */
export function describeRaw(raw: unknown): string {
  if (raw === null) return 'nil';
  if (raw === undefined) return 'nothing';
  if (typeof raw === 'string') return 'a string';
  if (typeof raw === 'boolean') return 'a boolean';
  if (raw instanceof RawFloat) return 'a float';
  if (raw instanceof RawTagged) return raw.tag === 'base64' ? 'base64' : 'a date';
  if (Array.isArray(raw)) return 'an array';
  if (raw instanceof Map) return 'a struct';
  return 'a whole number';
}
