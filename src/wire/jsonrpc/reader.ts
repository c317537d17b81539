import { ApiError } from '../../model/error.js';
import { MAX_DEPTH, MAX_VALUES } from '../limits.js';
import { type RawBigInteger, RawFloat, type RawValue, rawInteger } from '../raw-value.js';
import { WireSyntaxError } from '../syntax-error.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** The error for text that cannot be written as UTF-8. */
export function notUnicode(): ApiError {
  return new ApiError('INVALID_VALUE', 'request', 'text that is not valid UTF-8');
}

/**
 * Reads a JSON text. JSON.parse will not do: it forgets whether a number was written as a whole number, loses digits of
 * large ones, lets the last of equal names win and makes objects on which `__proto__` means something. The words NaN,
 * Infinity and -Infinity are numbers. Throws WireSyntaxError, and ApiError INVALID_VALUE for half a surrogate pair.
 */
export function parseJson(text: string): RawValue {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): RawValue {
    if (++this.#values > MAX_VALUES) this.#fail('too many values');
    if (depth > MAX_DEPTH) this.#fail('values nest too deep');
    switch (this.#next()) {
      case QUOTE:
        return this.#string();
      case 0x5b:
        return this.#array(depth);
      case 0x7b:
        return this.#object(depth);
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      case 0x4e:
        return this.#word('NaN', new RawFloat(Number.NaN));
      case 0x49:
        return this.#word('Infinity', new RawFloat(Number.POSITIVE_INFINITY));
      default:
        return this.#number();
    }
  }

  /** Checks that nothing but white space is left. */
  end(): void {
    if (!Number.isNaN(this.#next())) this.#fail('text after the value');
  }

  /** Code of the next character that is no white space; NaN at the end. */
  #next(): number {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.#text.charCodeAt(++this.#at);
    return code;
  }

  #word<T extends RawValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('unknown word');
    this.#at += word.length;
    return value;
  }

  #array(depth: number): RawValue[] {
    const items: RawValue[] = [];
    this.#at++;
    if (this.#next() === 0x5d) {
      this.#at++;
      return items;
    }
    do items.push(this.value(depth + 1));
    while (this.#continues(0x5d));
    return items;
  }

  #object(depth: number): ReadonlyMap<string, RawValue> {
    const members = new Map<string, RawValue>();
    this.#at++;
    if (this.#next() === 0x7d) {
      this.#at++;
      return members;
    }
    do {
      if (this.#next() !== QUOTE) this.#fail('expected a member');
      const name = this.#string();
      if (this.#next() !== COLON) this.#fail('expected a colon');
      this.#at++;
      const value = this.value(depth + 1);
      if (!members.has(name)) members.set(name, value);
    } while (this.#continues(0x7d));
    return members;
  }

  /** Passes over a comma, or over what closes the list. */
  #continues(close: number): boolean {
    const code = this.#next();
    if (code !== COMMA && code !== close) this.#fail('expected a comma or the end of the list');
    this.#at++;
    return code === COMMA;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (code === BACKSLASH) return this.#escapedString(start, at);
      if (!(code >= 0x20)) this.#fail('a string that does not end, or a control character in it');
    }
  }

  /** The rest of a string from its first backslash on. */
  #escapedString(start: number, backslash: number): string {
    const text = this.#text;
    let decoded = '';
    let from = start;
    for (let at = backslash; ; ) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) {
        decoded += text.slice(from, at);
        this.#at = at + 1;
        decoded += this.#escape();
        at = from = this.#at;
      } else if (code === QUOTE) {
        this.#at = at + 1;
        return decoded + text.slice(from, at);
      } else if (code >= 0x20) at++;
      else this.#fail('a string that does not end, or a control character in it');
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at++];
    if (letter !== 'u') return ESCAPES.get(letter ?? '') ?? this.#fail('unknown escape');
    const unit = this.#hexadecimal();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    if (unit >= 0xdc00 || !this.#text.startsWith('\\u', this.#at)) throw notUnicode();
    this.#at += 2;
    const low = this.#hexadecimal();
    if (low < 0xdc00 || low > 0xdfff) throw notUnicode();
    return String.fromCharCode(unit, low);
  }

  #hexadecimal(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('expected four hexadecimal digits');
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #number(): number | RawBigInteger | RawFloat {
    const text = this.#text;
    const start = this.#at;
    let at = text.charCodeAt(start) === MINUS ? start + 1 : start;
    if (at > start && text.startsWith('Infinity', at)) return this.#word('-Infinity', new RawFloat(Number.NEGATIVE_INFINITY));
    const whole = at;
    at = this.#digits(at);
    if (text.charCodeAt(whole) === 0x30 && at > whole + 1) this.#fail('a number that starts with 0');
    const end = at;
    if (text[at] === '.') at = this.#digits(at + 1);
    if (text[at] === 'e' || text[at] === 'E') {
      const sign = text[at + 1];
      at = this.#digits(at + (sign === '+' || sign === '-' ? 2 : 1));
    }
    this.#at = at;
    const digits = text.slice(start, at);
    return at === end ? rawInteger(digits) : new RawFloat(Number(digits));
  }

  /** Where the digits end that start here; there must be one. */
  #digits(from: number): number {
    let at = from;
    for (let code = this.#text.charCodeAt(at); code >= 0x30 && code <= 0x39; ) code = this.#text.charCodeAt(++at);
    if (at === from) this.#fail('expected a value');
    return at;
  }

  #fail(what: string): never {
    throw new WireSyntaxError(`JSON, character ${this.#at}: ${what}`);
  }
}
