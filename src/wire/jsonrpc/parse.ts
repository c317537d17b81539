import { isUtf8 } from 'node:buffer';
import { detach } from '../detach.js';
import { MAX_BODY_BYTES } from '../limits.js';
import { RawBigInteger, type RawValue } from '../raw-value.js';
import { WireSyntaxError } from '../syntax-error.js';
import { notUnicode, parseJson } from './reader.js';

/** Id of a call: text or a whole number, which may be too large for a double. */
export type CallId = string | number | RawBigInteger;

export interface JsonRpcCall {
  readonly version: 1 | 2;
  readonly method: string;
  readonly params: readonly RawValue[];
  readonly id: CallId;
}

/**
 * Reads a JSON-RPC call. Without a `jsonrpc` member it is version 1. Parameters are positional; an object in version 2
 * is one struct. Throws WireSyntaxError for what is no call, a notification or a batch included, and ApiError
 * INVALID_VALUE for bytes that are not UTF-8, which gets a reply of its own (see `encodeEarlyFailure`).
 */
export function parseJsonRpcCall(body: Buffer): JsonRpcCall {
  if (body.length > MAX_BODY_BYTES) throw new WireSyntaxError('the call is too large');
  if (!isUtf8(body)) throw notUnicode();
  const call = parseJson(body.toString('utf8'));
  if (!(call instanceof Map)) throw new WireSyntaxError('JSON-RPC: not an object');
  const members: ReadonlyMap<string, RawValue> = call;
  const method = members.get('method');
  if (typeof method !== 'string') throw new WireSyntaxError('JSON-RPC: no method');
  const version = versionOf(members.get('jsonrpc'));
  return { version, method: detach(method), params: paramsOf(version, members.get('params')), id: idOf(members.get('id')) };
}

function versionOf(raw: RawValue | undefined): 1 | 2 {
  if (raw === undefined) return 1;
  if (raw === '2.0') return 2;
  throw new WireSyntaxError('JSON-RPC: unknown version');
}

function paramsOf(version: 1 | 2, raw: RawValue | undefined): readonly RawValue[] {
  if (Array.isArray(raw)) return raw;
  if (version === 2) {
    if (raw === undefined || raw === null) return [];
    if (raw instanceof Map) return [raw];
  }
  throw new WireSyntaxError('JSON-RPC: params are not an array');
}

function idOf(raw: RawValue | undefined): CallId {
  if (typeof raw === 'string' || typeof raw === 'number' || raw instanceof RawBigInteger) return raw;
  throw new WireSyntaxError('JSON-RPC: the id is missing, or neither text nor a whole number');
}
