import { floatText } from '../float-text.js';
import type { Notation } from '../notation.js';

/** Always recognisable as a float: `1.0`. The words for what is no number are no JSON, but what the original sends. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const short = floatText(value, 16);
  const text = Number(short) === value ? short : floatText(value, 17);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const quote: (text: string) => string = JSON.stringify;

/** The JSON of both versions of JSON-RPC. */
export const jsonNotation: Notation = {
  form: 'json',
  void: '""',
  string: quote,
  int: String,
  float: numberText,
  bool: String,
  dateTime: quote,
  count: String,
  setOpen: '[',
  setClose: ']',
  structOpen: '{',
  structClose: '}',
  memberOpen: (name) => `${quote(name)}:`,
  memberClose: '',
  separator: ',',
};
