import { CHUNK, CHUNK_DONE, LENGTH, LONGEST_TEXT, NBD } from './numbers.js';
import { NbdProtocolError } from './protocol-error.js';

/** The head of a simple answer; the data of a read follows it when there is no error. */
export function encodeSimpleReply(cookie: bigint, error = 0): Buffer {
  const head = Buffer.alloc(LENGTH.simpleReply);
  head.writeUInt32BE(NBD.simpleReplyMagic, 0);
  head.writeUInt32BE(error, 4);
  head.writeBigUInt64BE(cookie, 8);
  return head;
}

/** What comes before the data of one part of an answer. */
export interface ChunkHead {
  readonly type: number;
  readonly isLast: boolean;
  readonly cookie: bigint;
  /** Bytes that follow. */
  readonly length: number;
}

/** The head of one part of an answer. */
export function encodeChunkHead({ type, isLast, cookie, length }: ChunkHead, room = 0): Buffer {
  const head = Buffer.alloc(LENGTH.structuredReply + room);
  head.writeUInt32BE(NBD.structuredReplyMagic, 0);
  head.writeUInt16BE(isLast ? CHUNK_DONE : 0, 4);
  head.writeUInt16BE(type, 6);
  head.writeBigUInt64BE(cookie, 8);
  head.writeUInt32BE(length, 16);
  return head;
}

/** Throws NbdProtocolError for what is no part of an answer. */
export function decodeChunkHead(head: Buffer): ChunkHead {
  if (head.readUInt32BE(0) !== NBD.structuredReplyMagic) throw new NbdProtocolError('no answer where one was due');
  return {
    isLast: (head.readUInt16BE(4) & CHUNK_DONE) !== 0,
    type: head.readUInt16BE(6),
    cookie: head.readBigUInt64BE(8),
    length: head.readUInt32BE(16),
  };
}

/** The head of a part with data from an offset on: `length` bytes of data follow. */
export function encodeDataHead(cookie: bigint, isLast: boolean, offset: number, length: number): Buffer {
  const head = encodeChunkHead({ type: CHUNK.data, isLast, cookie, length: 8 + length }, 8);
  head.writeBigUInt64BE(BigInt(offset), LENGTH.structuredReply);
  return head;
}

/** A part that says that bytes are zeros. */
export function encodeHole(cookie: bigint, isLast: boolean, offset: number, length: number): Buffer {
  const chunk = encodeChunkHead({ type: CHUNK.hole, isLast, cookie, length: 12 }, 12);
  chunk.writeBigUInt64BE(BigInt(offset), LENGTH.structuredReply);
  chunk.writeUInt32BE(length, LENGTH.structuredReply + 8);
  return chunk;
}

/** The end of an answer that has nothing (more) to say. */
export function encodeEmptyChunk(cookie: bigint): Buffer {
  return encodeChunkHead({ type: CHUNK.none, isLast: true, cookie, length: 0 });
}

/** The end of an answer that failed, with a text for people. */
export function encodeErrorChunk(cookie: bigint, error: number, text: string): Buffer {
  const message = Buffer.from(text).subarray(0, LONGEST_TEXT);
  const chunk = encodeChunkHead({ type: CHUNK.error, isLast: true, cookie, length: 6 + message.length }, 6);
  chunk.writeUInt32BE(error, LENGTH.structuredReply);
  chunk.writeUInt16BE(message.length, LENGTH.structuredReply + 4);
  return Buffer.concat([chunk, message]);
}

/** Blocks of which a context says the same. Length in bytes. */
export interface BlockStatus {
  readonly length: number;
  readonly state: number;
}

/** A part that tells of blocks in one context. */
export function encodeBlockStatus(cookie: bigint, isLast: boolean, context: number, blocks: readonly BlockStatus[]): Buffer {
  const data = 4 + 8 * blocks.length;
  const chunk = encodeChunkHead({ type: CHUNK.blockStatus, isLast, cookie, length: data }, data);
  chunk.writeUInt32BE(context, LENGTH.structuredReply);
  for (const [i, { length, state }] of blocks.entries()) {
    chunk.writeUInt32BE(length, LENGTH.structuredReply + 4 + 8 * i);
    chunk.writeUInt32BE(state, LENGTH.structuredReply + 8 + 8 * i);
  }
  return chunk;
}

/** What the data of such a part says. Throws NbdProtocolError when it cannot be one. */
export function decodeBlockStatus(data: Buffer): { readonly context: number; readonly blocks: readonly BlockStatus[] } {
  if (data.length < 12 || data.length % 8 !== 4) throw new NbdProtocolError('the state of blocks is cut off');
  const blocks = Array.from({ length: (data.length - 4) / 8 }, (_, i) => ({
    length: data.readUInt32BE(4 + 8 * i),
    state: data.readUInt32BE(8 + 8 * i),
  }));
  return { context: data.readUInt32BE(0), blocks };
}
