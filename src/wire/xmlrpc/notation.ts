import { floatText } from '../float-text.js';
import type { Notation } from '../notation.js';

/** Characters that need another spelling, or that XML cannot hold at all: controls and two that are no characters. */
const SPECIAL = /[<>&"]|[^\t\n\r -\uFFFD]/;
const SPECIALS = /[<>&"]|[^\t\n\r -\uFFFD]/g;

const REPLACEMENTS: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

/** Text as XML character data. What XML cannot hold is left out. */
export function escapeXml(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (character) => REPLACEMENTS[character] ?? '') : text;
}

/** The original writes floats with C's `%.16g`, so also its words for what is no number. */
function doubleText(value: number): string {
  if (Number.isFinite(value)) return floatText(value, 16);
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** XML-RPC as XenAPI has it: strings, whole numbers, references and enumerations all go out without a tag of their own. */
export const xmlNotation: Notation = {
  form: 'xml',
  void: '<value></value>',
  string: (text) => `<value>${escapeXml(text)}</value>`,
  int: (value) => `<value>${value}</value>`,
  float: (value) => `<value><double>${doubleText(value)}</double></value>`,
  bool: (value) => (value ? '<value><boolean>1</boolean></value>' : '<value><boolean>0</boolean></value>'),
  dateTime: (text) => `<value><dateTime.iso8601>${escapeXml(text)}</dateTime.iso8601></value>`,
  count: (value) => `<value><i4>${value}</i4></value>`,
  setOpen: '<value><array><data>',
  setClose: '</data></array></value>',
  structOpen: '<value><struct>',
  structClose: '</struct></value>',
  memberOpen: (name) => `<member><name>${escapeXml(name)}</name>`,
  memberClose: '</member>',
  separator: '',
};
