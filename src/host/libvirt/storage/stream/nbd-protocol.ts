/** Numbers of the NBD protocol, as its specification has them, for the few things that are needed of it. */
export const NBD = {
  magic: 'NBDMAGIC',
  optionMagic: 'IHAVEOPT',
  optionReplyMagic: 0x3e889045565a9n,
  requestMagic: 0x25609513,
  simpleReplyMagic: 0x67446698,
  structuredReplyMagic: 0x668e33ef,
} as const;

/** Flags of client and server at the start: the newer form of the talk, without padding. */
export const FIXED_NEWSTYLE = 1;
export const NO_ZEROES = 2;

/** Options of the talk before data flows. */
export const OPTION = { go: 7, structuredReply: 8 } as const;
/** Answers to options; those of refusals have the highest bit. */
export const OPTION_REPLY = { ack: 1, info: 3, error: 0x80000000 } as const;
/** Kind of information that has the size. */
export const INFO_EXPORT = 0;

/** What can be asked for. */
export const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3, writeZeroes: 6 } as const;
/** Parts of an answer. */
export const CHUNK = { none: 0, data: 1, hole: 2, error: 0x8001, errorAt: 0x8002 } as const;
/** The last part of an answer. */
export const CHUNK_DONE = 1;

/** Errors as the protocol numbers them. */
export const NBD_NO_SPACE = 28;

/** Bytes of headers. */
export const LENGTH = { greeting: 18, optionReply: 20, request: 28, simpleReply: 16, structuredReply: 20 } as const;

/** An option that is asked for before data flows. */
export function optionRequest(option: number, data: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.write(NBD.optionMagic, 0, 'latin1');
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(data.length, 12);
  return Buffer.concat([head, data]);
}

/** Head of a request. `cookie` comes back with the answer. */
export function requestHead(command: number, cookie: number, offset: number, length: number): Buffer {
  const head = Buffer.alloc(LENGTH.request);
  head.writeUInt32BE(NBD.requestMagic, 0);
  head.writeUInt16BE(command, 6);
  head.writeBigUInt64BE(BigInt(cookie), 8);
  head.writeBigUInt64BE(BigInt(offset), 16);
  head.writeUInt32BE(length, 24);
  return head;
}
