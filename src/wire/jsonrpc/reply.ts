import type { ApiError } from '../../model/error.js';
import { type Chunk, ChunkWriter } from '../chunks.js';
import { Encoding } from '../encode.js';
import type { Outcome } from '../outcome.js';
import { RawBigInteger } from '../raw-value.js';
import { jsonNotation } from './notation.js';
import type { CallId } from './parse.js';

export const jsonEncoding = new Encoding(jsonNotation);

function idText(id: CallId): string {
  return id instanceof RawBigInteger ? id.digits : JSON.stringify(id);
}

/** The body of a reply of JSON-RPC 1: `result` and `error` are both there, one of them null. */
export function json1Reply(id: CallId, outcome: Outcome): Chunk[] {
  const close = `"id":${idText(id)}}`;
  if (!outcome.ok) return [`{"result":null,"error":${JSON.stringify(outcome.error.description)},${close}`];
  return success('{"result":', outcome, `,"error":null,${close}`);
}

/** The body of a reply of JSON-RPC 2. The code of an error says nothing: it is 1 for all. */
export function json2Reply(id: CallId, outcome: Outcome): Chunk[] {
  const close = `,"id":${idText(id)}}`;
  if (outcome.ok) return success('{"jsonrpc":"2.0","result":', outcome, close);
  const { code, params } = outcome.error;
  return [`{"jsonrpc":"2.0","error":{"code":1,"message":${JSON.stringify(code)},"data":${JSON.stringify(params)}}${close}`];
}

/** The reply to a call that was refused before anyone looked at it: version 2 whatever was asked, no id, a bare error. */
export function jsonEarlyFailure(error: ApiError): Chunk[] {
  return [`{"jsonrpc":"2.0","error":${JSON.stringify(error.description)},"id":0}`];
}

function success(open: string, outcome: Outcome & { ok: true }, close: string): Chunk[] {
  const out = new ChunkWriter();
  out.add(open);
  jsonEncoding.write(outcome.type, outcome.value, out);
  out.add(close);
  return out.finish();
}
