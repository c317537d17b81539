import type { ApiError } from '../model/error.js';
import type { RecordVersion } from '../model/record.js';
import type { TypeNode } from '../model/type-syntax.js';
import type { Chunk } from './chunks.js';
import { decodeValue } from './decode.js';
import { type CallId, parseJsonRpcCall } from './jsonrpc/parse.js';
import { json1Reply, json2Reply, jsonEarlyFailure, jsonEncoding } from './jsonrpc/reply.js';
import type { Outcome } from './outcome.js';
import { parseXmlRpcCall } from './xmlrpc/parse.js';
import { xmlEncoding, xmlReply } from './xmlrpc/reply.js';

export { byteLengthOf, type Chunk, joinChunks, packChunks } from './chunks.js';
export type { EventFields } from './event-fields.js';
export type { CallId } from './jsonrpc/parse.js';
export { MAX_BODY_BYTES } from './limits.js';
export type { Outcome } from './outcome.js';
export { WireSyntaxError } from './syntax-error.js';

/** One of the wires. */
export interface Protocol {
  readonly name: 'xml' | 'json1' | 'json2';
  /** To be sent as it is: some clients compare the whole header. */
  readonly contentType: 'text/xml' | 'application/json';
  /** A raw parameter as a value of the model. Throws ApiError INTERNAL_ERROR when it is not of the type. */
  decode(type: TypeNode, raw: unknown): unknown;
  /** Text of a raw parameter that is text on the wire, else undefined. */
  textOf(raw: unknown): string | undefined;
}

/** A call off one of the wires. Its parameters are still untyped: only the protocol's own functions look inside. */
export interface ParsedCall {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly protocol: Protocol;
  /** What JSON-RPC wants back with the reply. */
  readonly id?: CallId;
}

function textOf(raw: unknown): string | undefined {
  return typeof raw === 'string' ? raw : undefined;
}

export const xmlProtocol: Protocol = { name: 'xml', contentType: 'text/xml', decode: decodeValue, textOf };
export const json1Protocol: Protocol = { name: 'json1', contentType: 'application/json', decode: decodeValue, textOf };
export const json2Protocol: Protocol = { name: 'json2', contentType: 'application/json', decode: decodeValue, textOf };

/** Reads an XML-RPC call. Throws WireSyntaxError, which is answered with HTTP 500. */
export function parseXmlCall(body: Buffer): ParsedCall {
  const { method, params } = parseXmlRpcCall(body);
  return { method, params, protocol: xmlProtocol };
}

/**
 * Reads a JSON-RPC call of either version. Throws WireSyntaxError, which is answered with HTTP 500, and ApiError for
 * text that is not UTF-8, which is answered with `encodeEarlyFailure`.
 */
export function parseJsonCall(body: Buffer): ParsedCall {
  const { version, method, params, id } = parseJsonRpcCall(body);
  return { method, params, protocol: version === 1 ? json1Protocol : json2Protocol, id };
}

/**
 * The whole body of a reply. Records in it are the bytes that they keep, encoded now where they are missing.
 * Throws TypeError when the value is not of its type, a fault of the handler.
 */
export function encodeReply(call: Pick<ParsedCall, 'protocol' | 'id'>, outcome: Outcome): Chunk[] {
  switch (call.protocol.name) {
    case 'xml':
      return xmlReply(outcome);
    case 'json1':
      return json1Reply(call.id ?? 0, outcome);
    case 'json2':
      return json2Reply(call.id ?? 0, outcome);
  }
}

/** The reply to a call that is refused before dispatch: text that is not UTF-8, a host in emergency mode. */
export function encodeEarlyFailure(protocol: Protocol, error: ApiError): Chunk[] {
  return protocol.name === 'xml' ? xmlReply({ ok: false, error }) : jsonEarlyFailure(error);
}

function encodingOf(protocol: Protocol): typeof xmlEncoding {
  return protocol.name === 'xml' ? xmlEncoding : jsonEncoding;
}

/**
 * Records inside a result that have not been encoded for this protocol yet. A caller with many of them encodes them in
 * slices, so that other clients are not kept waiting, before it asks for the reply.
 */
export function unencodedRecords(protocol: Protocol, type: TypeNode, value: unknown): RecordVersion[] {
  return encodingOf(protocol).unencoded(type, value);
}

/** The bytes of a record in a protocol, made on first use and kept with the record. */
export function encodeRecord(protocol: Protocol, record: RecordVersion): Buffer {
  return encodingOf(protocol).record(record);
}

/** The result of a task, which is XML-RPC text for clients of every protocol: `<value>...</value>`. */
export function taskResultXml(type: TypeNode, value: unknown): string {
  return xmlEncoding.text(type, value);
}
