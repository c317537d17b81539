import { INFO, LENGTH, LONGEST_TEXT, NBD } from './numbers.js';
import { NbdProtocolError } from './protocol-error.js';

/** What comes before the data of an option. */
export interface OptionHead {
  readonly option: number;
  /** Bytes of its data. */
  readonly length: number;
}

/** An option that a client asks for before data flows. */
export function encodeOption(option: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(LENGTH.option);
  head.write(NBD.optionMagic, 0, 'latin1');
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(data.length, 12);
  return Buffer.concat([head, data]);
}

/** Throws NbdProtocolError for what is no head of an option. */
export function decodeOptionHead(head: Buffer): OptionHead {
  if (head.toString('latin1', 0, 8) !== NBD.optionMagic) throw new NbdProtocolError('no option where one was due');
  return { option: head.readUInt32BE(8), length: head.readUInt32BE(12) };
}

/** What comes before the data of an answer to an option. */
export interface OptionReplyHead extends OptionHead {
  readonly type: number;
}

/** An answer to an option; refusals carry a text for people. */
export function encodeOptionReply(option: number, type: number, data: Buffer | string = Buffer.alloc(0)): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const head = Buffer.alloc(LENGTH.optionReply);
  head.writeBigUInt64BE(NBD.optionReplyMagic, 0);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(bytes.length, 16);
  return Buffer.concat([head, bytes]);
}

/** Throws NbdProtocolError for what is no head of an answer. */
export function decodeOptionReplyHead(head: Buffer): OptionReplyHead {
  if (head.readBigUInt64BE(0) !== NBD.optionReplyMagic) throw new NbdProtocolError('no answer to an option where one was due');
  return { option: head.readUInt32BE(8), type: head.readUInt32BE(12), length: head.readUInt32BE(16) };
}

/** Asks for an export: what `info` and `go` carry. */
export interface ExportRequest {
  readonly name: string;
  /** Kinds of information that are wanted besides size and flags. */
  readonly wanted: readonly number[];
}

/** The data of `info` and `go`. */
export function encodeExportRequest({ name, wanted }: ExportRequest): Buffer {
  const kinds = Buffer.alloc(2 + 2 * wanted.length);
  kinds.writeUInt16BE(wanted.length, 0);
  for (const [i, kind] of wanted.entries()) kinds.writeUInt16BE(kind, 2 + 2 * i);
  return Buffer.concat([lengthened(name), kinds]);
}

/** Throws NbdProtocolError where lengths do not fit each other. */
export function decodeExportRequest(data: Buffer): ExportRequest {
  const { text: name, end } = textAt(data, 0);
  need(data.length >= end + 2);
  const count = data.readUInt16BE(end);
  need(data.length === end + 2 + 2 * count);
  return { name, wanted: Array.from({ length: count }, (_, i) => data.readUInt16BE(end + 2 + 2 * i)) };
}

/** Asks what can be told of the blocks of an export, or for that to be told. */
export interface MetaContextRequest {
  readonly name: string;
  readonly queries: readonly string[];
}

/** The data of `listMetaContext` and `setMetaContext`. */
export function encodeMetaContextRequest({ name, queries }: MetaContextRequest): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(queries.length);
  return Buffer.concat([lengthened(name), count, ...queries.map(lengthened)]);
}

/** Throws NbdProtocolError where lengths do not fit each other. */
export function decodeMetaContextRequest(data: Buffer): MetaContextRequest {
  const { text: name, end } = textAt(data, 0);
  need(data.length >= end + 4);
  const count = data.readUInt32BE(end);
  const queries: string[] = [];
  let at = end + 4;
  // Each takes four bytes at least, so that the count cannot outrun what has come.
  need(count <= (data.length - at) / 4);
  for (let i = 0; i < count; i++) {
    const query = textAt(data, at);
    queries.push(query.text);
    at = query.end;
  }
  need(at === data.length);
  return { name, queries };
}

/** Information about an export: its size in bytes and what it can do. */
export function encodeExportInfo(size: number, flags: number): Buffer {
  const data = Buffer.alloc(12);
  data.writeUInt16BE(INFO.export, 0);
  data.writeBigUInt64BE(BigInt(size), 2);
  data.writeUInt16BE(flags, 10);
  return data;
}

/** The size and the flags of an export; undefined for information of another kind. */
export function decodeExportInfo(data: Buffer): { readonly size: number; readonly flags: number } | undefined {
  if (data.length < 12 || data.readUInt16BE(0) !== INFO.export) return undefined;
  return { size: Number(data.readBigUInt64BE(2)), flags: data.readUInt16BE(10) };
}

/** Information about the sizes of requests, in bytes. */
export function encodeBlockSizes(smallest: number, preferred: number, largest: number): Buffer {
  const data = Buffer.alloc(14);
  data.writeUInt16BE(INFO.blockSize, 0);
  data.writeUInt32BE(smallest, 2);
  data.writeUInt32BE(preferred, 6);
  data.writeUInt32BE(largest, 10);
  return data;
}

/** Tells by what number a context of blocks will be called. */
export function encodeMetaContext(id: number, context: string): Buffer {
  const data = Buffer.alloc(4 + Buffer.byteLength(context));
  data.writeUInt32BE(id, 0);
  data.write(context, 4);
  return data;
}

/** Throws NbdProtocolError for an answer that is too short. */
export function decodeMetaContext(data: Buffer): { readonly id: number; readonly context: string } {
  need(data.length > 4);
  return { id: data.readUInt32BE(0), context: data.toString('utf8', 4) };
}

function lengthened(text: string): Buffer {
  const bytes = Buffer.alloc(4 + Buffer.byteLength(text));
  bytes.writeUInt32BE(bytes.length - 4, 0);
  bytes.write(text, 4);
  return bytes;
}

function textAt(data: Buffer, at: number): { readonly text: string; readonly end: number } {
  need(data.length >= at + 4);
  const length = data.readUInt32BE(at);
  const end = at + 4 + length;
  need(length <= LONGEST_TEXT && end <= data.length);
  return { text: data.toString('utf8', at + 4, end), end };
}

function need(fits: boolean): void {
  if (!fits) throw new NbdProtocolError('lengths within an option do not fit each other');
}
