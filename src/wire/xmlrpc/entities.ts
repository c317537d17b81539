import { WireSyntaxError } from '../syntax-error.js';

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Longest reference between `&` and `;`: `#x10FFFF` and some leading zeros. */
const MAX_REFERENCE = 12;

/** Character data with its references replaced: the five of XML and numbers. Others are refused, also declared ones. */
export function decodeEntities(text: string): string {
  let from = text.indexOf('&');
  if (from < 0) return text;
  let decoded = text.slice(0, from);
  while (from >= 0) {
    const end = text.slice(from + 1, from + 2 + MAX_REFERENCE).indexOf(';');
    if (end < 0) throw new WireSyntaxError('XML: & without a reference');
    decoded += character(text.slice(from + 1, from + 1 + end));
    const next = text.indexOf('&', from + 1);
    decoded += text.slice(from + 2 + end, next < 0 ? undefined : next);
    from = next;
  }
  return decoded;
}

function character(reference: string): string {
  const named = NAMED.get(reference);
  if (named !== undefined) return named;
  const digits = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(reference);
  if (!digits) throw new WireSyntaxError('XML: unknown entity');
  const code = digits[1] ? Number.parseInt(digits[1], 16) : Number(digits[2]);
  if (!isXmlCharacter(code)) throw new WireSyntaxError('XML: reference to a character that is none');
  return String.fromCodePoint(code);
}

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
