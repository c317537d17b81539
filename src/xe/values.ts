import { ApiError } from '../model/error.js';
import { CommandFailure } from './failure.js';

const TRUE: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', '0']);

/** A yes-or-no word of a command parameter, in any case. Throws CommandFailure. */
export function parseBoolean(parameter: string, text: string): boolean {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  throw new CommandFailure(
    `Failed to parse parameter '${parameter}': Expected 'true','t','yes','y','1','false','f','no','n','0' got ${text}`,
  );
}

/** The value of a yes-or-no field: `true` or `false`, nothing else. Throws CommandFailure. */
export function parseFieldBoolean(field: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new CommandFailure(`Failed to parse parameter '${field}': expecting a boolean (true or false)`);
}

/** The same for the fields whose complaint the original words otherwise. Throws CommandFailure. */
export function parseRequiredBoolean(field: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new CommandFailure(`Parameter ${field} must be a boolean (true or false)`);
}

/** A whole number. Throws CommandFailure. */
export function parseInteger(parameter: string, text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new CommandFailure(`Failed to parse parameter '${parameter}': expecting an integer`);
  return value;
}

/** A whole number whose mistakes the original answers as an internal error. Throws ApiError. */
export function parseInt64(text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new ApiError('INTERNAL_ERROR', 'Failure: Int64.of_string');
  return value;
}

const EXPONENTS: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 };
const SIZE = /^(\d+) ?(?:(b)|([kmgt])(?:i?b)?)?$/i;

/** A size in bytes, with a suffix such as KiB, k or kb of 1024 each. Throws CommandFailure. */
export function parseSize(field: string, text: string): number {
  const match = SIZE.exec(text);
  const unit = (match?.[2] ?? match?.[3] ?? '').toLowerCase();
  const bytes = match ? Number(match[1]) * 1024 ** (EXPONENTS[unit] ?? 0) : Number.NaN;
  if (!Number.isSafeInteger(bytes))
    throw new CommandFailure(
      `Failed to parse field '${field}': expecting an integer (possibly with suffix KiB, MiB, GiB, TiB), got '${text}'`,
    );
  return bytes;
}

/** A floating-point number. Throws CommandFailure. */
export function parseFloatText(parameter: string, text: string): number {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new CommandFailure(`Parameter ${parameter} must be a floating-point number`);
  return value;
}

/** One of some words, in any case, as it is spelled in the list. Throws CommandFailure. */
export function parseWord<W extends string>(words: readonly W[], text: string): W {
  const word = words.find((one) => one.toLowerCase() === text.toLowerCase());
  if (word === undefined) throw new CommandFailure(`Expected one of ${words.map((one) => `'${one}'`).join(', ')}, got ${text}`);
  return word;
}
