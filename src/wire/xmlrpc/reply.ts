import { parseType } from '../../model/type-syntax.js';
import { type Chunk, ChunkWriter } from '../chunks.js';
import { Encoding } from '../encode.js';
import type { Outcome } from '../outcome.js';
import { xmlNotation } from './notation.js';

export const xmlEncoding = new Encoding(xmlNotation);

const OPEN = '<?xml version="1.0"?><methodResponse><params><param>';
const CLOSE = '</param></params></methodResponse>';
const SUCCESS = `${OPEN}<value><struct><member><name>Status</name><value>Success</value></member><member><name>Value</name>`;
const FAILURE = `${OPEN}<value><struct><member><name>Status</name><value>Failure</value></member><member><name>ErrorDescription</name>`;
const ENVELOPE_CLOSE = `</member></struct></value>${CLOSE}`;

const STRINGS = parseType('set(string)');

/** The body of an XML-RPC reply. Errors are structs like results; `<fault>` is never sent. */
export function xmlReply(outcome: Outcome): Chunk[] {
  if (!outcome.ok) return [FAILURE + xmlEncoding.text(STRINGS, outcome.error.description) + ENVELOPE_CLOSE];
  const out = new ChunkWriter();
  out.add(outcome.bare ? OPEN : SUCCESS);
  xmlEncoding.write(outcome.type, outcome.value, out);
  out.add(outcome.bare ? CLOSE : ENVELOPE_CLOSE);
  return out.finish();
}
