import { enums } from '../../schema/enums.js';
import { normaliseDateTime } from './datetime.js';
import type { TypeNode } from './type-syntax.js';

/**
 * The text in which the original server keeps a value in its database. Clients see it in two places: `*_where`
 * expressions compare this text, and a database dump holds it. Sets are `('a' 'b')`, maps `(('k' 'v'))`; items are in
 * single quotes with a backslash before quotes and backslashes, and an item that is a collection itself is its own text
 * put in quotes once more.
 */

/** What is wrong with a text: its form, or a name that the enumeration does not have (as other versions' dumps may). */
export type StorageTextProblem = 'syntax' | 'unknown enum value';

/** A text that is no value of the type. */
export class StorageTextError extends Error {
  override readonly name = 'StorageTextError';
  readonly problem: StorageTextProblem;

  constructor(message: string, problem: StorageTextProblem = 'syntax') {
    super(message);
    this.problem = problem;
  }
}

/** A runtime value of the type as storage text. Throws TypeError for a type that is never stored (records, void). */
export function storageText(type: TypeNode, value: unknown): string {
  switch (type.kind) {
    case 'string':
    case 'enum':
    case 'ref':
    case 'datetime':
      return value as string;
    case 'int':
    case 'bool':
      return String(value);
    case 'float':
      return floatText(value as number);
    case 'set':
      return `(${(value as readonly unknown[]).map((item) => quote(storageText(type.of, item))).join(' ')})`;
    case 'map':
      return mapText(type, value as ReadonlyMap<unknown, unknown>);
    case 'option':
      return value === undefined ? '()' : `(${quote(storageText(type.of, value))})`;
    default:
      throw new TypeError(`a ${type.kind} is never stored`);
  }
}

function mapText(type: TypeNode & { kind: 'map' }, value: ReadonlyMap<unknown, unknown>): string {
  const pairs: string[] = [];
  for (const [k, v] of value) pairs.push(`(${quote(storageText(type.key, k))} ${quote(storageText(type.value, v))})`);
  return `(${pairs.join(' ')})`;
}

function quote(text: string): string {
  return `'${/['\\]/.test(text) ? text.replace(/['\\]/g, '\\$&') : text}'`;
}

/** Significant digits of a stored float: the original prints with C's `%.18g`. */
const FLOAT_DIGITS = 18;

/** The number as C's `%.18g` prints it: `1`, `0.100000000000000006`, `1e+20`. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', power = '0'] = value.toExponential(FLOAT_DIGITS - 1).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < FLOAT_DIGITS) return trimZeros(value.toFixed(FLOAT_DIGITS - 1 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${trimZeros(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
}

function trimZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** The runtime value that a storage text stands for. Throws StorageTextError when it is no value of the type. */
export function parseStorageText(type: TypeNode, text: string): unknown {
  switch (type.kind) {
    case 'string':
    case 'ref':
      return text;
    case 'enum':
      return parseEnum(type.name, text);
    case 'datetime': {
      const date = normaliseDateTime(text);
      if (date === undefined) throw new StorageTextError(`not a date: ${shown(text)}`);
      return date;
    }
    case 'bool':
      if (text !== 'true' && text !== 'false') throw new StorageTextError(`not a bool: ${shown(text)}`);
      return text === 'true';
    case 'int':
      return parseInteger(text);
    case 'float':
      return parseFloatText(text);
    case 'set':
      return readItems(text).map((item) => parseStorageText(type.of, item));
    case 'map':
      return new Map(readPairs(text).map(([k, v]) => [parseStorageText(type.key, k), parseStorageText(type.value, v)]));
    case 'option': {
      const [first] = readItems(text);
      return first === undefined ? undefined : parseStorageText(type.of, first);
    }
    default:
      throw new TypeError(`a ${type.kind} is never stored`);
  }
}

function parseEnum(name: string, text: string): string {
  const values: readonly string[] | undefined = Object.hasOwn(enums, name) ? enums[name as keyof typeof enums] : undefined;
  if (!values?.includes(text)) throw new StorageTextError(`not a ${name}: ${shown(text)}`, 'unknown enum value');
  return text;
}

function parseInteger(text: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new StorageTextError(`not a whole number that fits: ${shown(text)}`);
  // "-0" is 0: a whole number has no sign of zero.
  return value + 0;
}

const SPECIAL_FLOATS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

/** Defaults are stored as `1.`, values that were set as `1`: both are read. */
function parseFloatText(text: string): number {
  const special = SPECIAL_FLOATS.get(text.toLowerCase());
  if (special !== undefined) return special;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) throw new StorageTextError(`not a float: ${shown(text)}`);
  return Number(text);
}

type Token = '(' | ')' | { readonly item: string };

// Quoted runs are written without alternatives inside the loop, so that a text of megabytes needs no stack.
const TOKEN = /\s+|([()])|'([^'\\]*(?:\\.[^'\\]*)*)'|"([^"\\]*(?:\\.[^"\\]*)*)"/gsy;

/** Longest text that an error quotes: a value may be megabytes long, and may be a secret further in. */
const SHOWN = 40;

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

function tokens(text: string): Token[] {
  const list: Token[] = [];
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new StorageTextError(`not a set or map at character ${at}: ${shown(text)}`);
    at = TOKEN.lastIndex;
    const [, bracket, single, double] = match;
    const quoted = single ?? double;
    if (quoted !== undefined) list.push({ item: quoted.includes('\\') ? quoted.replace(/\\(.)/gs, '$1') : quoted });
    else if (bracket === '(' || bracket === ')') list.push(bracket);
  }
  return list;
}

function readItems(text: string): string[] {
  const list = tokens(text);
  const items = list.slice(1, -1);
  if (list.length < 2 || list[0] !== '(' || list.at(-1) !== ')') throw new StorageTextError(`not a set: ${shown(text)}`);
  return items.map((token) => {
    if (typeof token === 'string') throw new StorageTextError(`not a set: ${shown(text)}`);
    return token.item;
  });
}

function readPairs(text: string): [string, string][] {
  const list = tokens(text);
  const pairs: [string, string][] = [];
  const fail = () => new StorageTextError(`not a map: ${shown(text)}`);
  if (list.length < 2 || (list.length - 2) % 4 !== 0 || list[0] !== '(' || list.at(-1) !== ')') throw fail();
  for (let at = 1; at < list.length - 1; at += 4) {
    const [open, key, value, close] = list.slice(at, at + 4);
    if (open !== '(' || close !== ')' || typeof key !== 'object' || typeof value !== 'object') throw fail();
    pairs.push([key.item, value.item]);
  }
  return pairs;
}
