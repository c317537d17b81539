import { isUtf8 } from 'node:buffer';
import { detach } from '../detach.js';
import { parseFloatText } from '../float-text.js';
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_VALUES } from '../limits.js';
import { type RawBigInteger, RawFloat, RawTagged, type RawValue, rawInteger } from '../raw-value.js';
import { WireSyntaxError } from '../syntax-error.js';
import { isBlankText, XmlReader } from './reader.js';

/** Characters that XML forbids. Surrogates only come in pairs here: the bytes were valid UTF-8. */
const FORBIDDEN = /[^\t\n\r -\uFFFD]/;
const INTEGER = /^[+-]?\d+$/;

/**
 * Reads an XML-RPC call. Throws WireSyntaxError for what is none: broken XML or UTF-8, unknown tags, a missing
 * `<params>`, too much or too deep. What follows the document does not matter.
 */
export function parseXmlRpcCall(body: Buffer): { method: string; params: RawValue[] } {
  if (body.length > MAX_BODY_BYTES) throw new WireSyntaxError('the call is too large');
  const parser = new Parser(new XmlReader(xmlText(body)), MAX_VALUES);
  return parser.call();
}

/**
 * Reads a document that is one XML-RPC value, as files of exported VMs hold it. Its length is the caller's to bound. Throws
 * WireSyntaxError for what is none, and for one of more than so many values.
 */
export function parseXmlRpcValue(document: Buffer, mostValues: number): RawValue {
  return new Parser(new XmlReader(xmlText(document)), mostValues).document();
}

function xmlText(body: Buffer): string {
  if (!isUtf8(body)) throw new WireSyntaxError('the call is not valid UTF-8');
  let text = body.toString('utf8');
  if (FORBIDDEN.test(text)) throw new WireSyntaxError('XML: a control character');
  if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

class Parser {
  readonly #reader: XmlReader;
  readonly #mostValues: number;
  #values = 0;

  constructor(reader: XmlReader, mostValues: number) {
    this.#reader = reader;
    this.#mostValues = mostValues;
  }

  document(): RawValue {
    return this.#value(1);
  }

  call(): { method: string; params: RawValue[] } {
    const reader = this.#reader;
    this.#open('methodCall');
    this.#open('methodName');
    const method = this.#text('methodName');
    const params: RawValue[] = [];
    reader.expectOpen('params');
    if (!reader.empty) {
      while (!reader.atClose()) {
        this.#open('param');
        params.push(this.#value(1));
        reader.close('param');
      }
      reader.close('params');
    }
    reader.close('methodCall');
    return { method: detach(method), params };
  }

  /** Reads a tag that must hold something. */
  #open(name: string): void {
    this.#reader.expectOpen(name);
    if (this.#reader.empty) throw new WireSyntaxError(`XML-RPC: <${name}/> is empty`);
  }

  /** The text of an element whose opening tag has been read. */
  #text(tag: string): string {
    const text = this.#reader.characters();
    this.#reader.close(tag);
    return text;
  }

  #value(depth: number): RawValue {
    const reader = this.#reader;
    if (++this.#values > this.#mostValues) throw new WireSyntaxError('XML-RPC: too many values');
    if (depth > MAX_DEPTH) throw new WireSyntaxError('XML-RPC: values nest too deep');
    reader.expectOpen('value');
    if (reader.empty) return '';
    const text = reader.characters();
    if (reader.atClose()) {
      reader.close('value');
      return text;
    }
    if (!isBlankText(text)) throw new WireSyntaxError('XML-RPC: text before a typed value');
    const value = this.#typed(depth);
    reader.close('value');
    return value;
  }

  #typed(depth: number): RawValue {
    const tag = this.#reader.open();
    if (this.#reader.empty) return emptyValue(tag);
    switch (tag) {
      case 'string':
        return this.#text(tag);
      case 'boolean':
        return booleanOf(this.#text(tag));
      case 'int':
      case 'i4':
      case 'i8':
        return integerOf(this.#text(tag).trim());
      case 'double':
        return floatOf(this.#text(tag).trim());
      case 'dateTime.iso8601':
      case 'base64':
        return new RawTagged(tag, this.#text(tag).trim());
      case 'array':
        return this.#array(depth);
      case 'struct':
        return this.#struct(depth);
      case 'nil':
        this.#reader.close(tag);
        return null;
    }
    throw new WireSyntaxError('XML-RPC: unknown type');
  }

  #array(depth: number): RawValue[] {
    const reader = this.#reader;
    const items: RawValue[] = [];
    if (!reader.atClose()) {
      reader.expectOpen('data');
      if (!reader.empty) {
        while (!reader.atClose()) items.push(this.#value(depth + 1));
        reader.close('data');
      }
    }
    reader.close('array');
    return items;
  }

  #struct(depth: number): ReadonlyMap<string, RawValue> {
    const reader = this.#reader;
    const members = new Map<string, RawValue>();
    while (!reader.atClose()) {
      this.#open('member');
      reader.expectOpen('name');
      const name = reader.empty ? '' : this.#text('name');
      const value = this.#value(depth + 1);
      reader.close('member');
      if (!members.has(name)) members.set(name, value);
    }
    reader.close('struct');
    return members;
  }
}

function emptyValue(tag: string): RawValue {
  switch (tag) {
    case 'string':
      return '';
    case 'array':
      return [];
    case 'struct':
      return new Map();
    case 'nil':
      return null;
  }
  throw new WireSyntaxError('XML-RPC: an empty value of a type that has none');
}

/** Words are accepted besides digits: some libraries send them, and the original does not refuse them. */
function booleanOf(text: string): boolean {
  switch (text.trim()) {
    case '1':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
  }
  throw new WireSyntaxError('XML-RPC: not a boolean');
}

function integerOf(text: string): number | RawBigInteger {
  if (!INTEGER.test(text)) throw new WireSyntaxError('XML-RPC: not a whole number');
  return rawInteger(text);
}

function floatOf(text: string): RawFloat {
  const value = parseFloatText(text);
  if (value === undefined) throw new WireSyntaxError('XML-RPC: not a float');
  return new RawFloat(value);
}
