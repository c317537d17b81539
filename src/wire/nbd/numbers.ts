/** Numbers of the NBD protocol, as its specification has them. */
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

/** Zeros at the end of the oldest form of agreement, unless both sides go without. */
export const PADDING = 124;

/** Options of the talk before data flows. */
export const OPTION = {
  exportName: 1,
  abort: 2,
  list: 3,
  startTls: 5,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

/** Answers to options; those of refusals have the highest bit. */
export const OPTION_REPLY = {
  ack: 1,
  info: 3,
  metaContext: 4,
  error: 0x80000000,
  unsupported: 0x80000001,
  policy: 0x80000002,
  invalid: 0x80000003,
  tlsRequired: 0x80000005,
  unknown: 0x80000006,
  tooBig: 0x80000009,
} as const;

/** Kinds of information about an export. */
export const INFO = { export: 0, blockSize: 3 } as const;

/** What an export can do. */
export const EXPORT_FLAG = {
  hasFlags: 1,
  readOnly: 2,
  sendFlush: 4,
  sendFua: 8,
  sendTrim: 32,
  sendWriteZeroes: 64,
  sendDontFragment: 128,
  canMultiConn: 256,
} as const;

/** What can be asked for. */
export const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3, trim: 4, cache: 5, writeZeroes: 6, blockStatus: 7 } as const;

/** How it is asked for. */
export const COMMAND_FLAG = { fua: 1, noHole: 2, dontFragment: 4, requestOne: 8, fastZero: 16 } as const;

/** Parts of an answer. */
export const CHUNK = { none: 0, data: 1, hole: 2, blockStatus: 5, error: 0x8001, errorAt: 0x8002 } as const;
/** The last part of an answer. */
export const CHUNK_DONE = 1;

/** What can be asked of the blocks of a disk. */
export const CONTEXT = {
  /** Whether they read as zeros. */
  allocation: 'base:allocation',
  /** How many images down the one is that has them, the newest at 1; 0 for none. A context of QEMU's. */
  depth: 'qemu:allocation-depth',
} as const;

/** Of `base:allocation`: no space is taken; the blocks read as zeros. */
export const STATE_HOLE = 1;
export const STATE_ZERO = 2;

/** Errors as the protocol numbers them, whatever the numbers are on the machine. */
export const NBD_ERROR = {
  permission: 1,
  io: 5,
  memory: 12,
  invalid: 22,
  noSpace: 28,
  overflow: 75,
  unsupported: 95,
  shutdown: 108,
} as const;

/** Bytes of heads. */
export const LENGTH = {
  greeting: 18,
  clientFlags: 4,
  option: 16,
  optionReply: 20,
  request: 28,
  simpleReply: 16,
  structuredReply: 20,
} as const;

/** Longest text that the protocol allows: names of exports, contexts, messages. */
export const LONGEST_TEXT = 4096;

/** Longest read or write that every server must take where nothing else was agreed on. */
export const STANDARD_PAYLOAD = 32 * 1024 * 1024;
