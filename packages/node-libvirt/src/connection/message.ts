import { XdrError } from '../xdr/xdr-error.js';
import { XdrReader } from '../xdr/xdr-reader.js';
import { XdrWriter } from '../xdr/xdr-writer.js';

/** What a message is. The types that pass file descriptors are not used by this client. */
export const MessageType = { CALL: 0, REPLY: 1, EVENT: 2, STREAM: 3, STREAM_HOLE: 6 } as const;

/** Whether a call or a stream is well (`OK`), failed, or goes on. */
export const MessageStatus = { OK: 0, ERROR: 1, CONTINUE: 2 } as const;

/** The one version that every program of the protocol has. */
const VERSION = 1;

/** Bytes of the length and the header before the payload. */
export const HEADER_BYTES = 28;

/** Bytes of the longest message, its length word included: what libvirt itself takes, so that nobody can fill the memory. */
export const LONGEST_MESSAGE = 33_554_432 + 4;

/** What stands before each payload. */
export interface MessageHeader {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** A message that came in. */
export interface Message extends MessageHeader {
  readonly payload: XdrReader;
}

/** A writer that has a message's header written; the payload comes next, then `finish`. */
export function begin(header: MessageHeader): XdrWriter {
  const writer = new XdrWriter();
  writer.uint(0);
  writer.uint(header.program);
  writer.uint(VERSION);
  writer.int(header.procedure);
  writer.int(header.type);
  writer.uint(header.serial);
  writer.int(header.status);
  return writer;
}

/** The bytes of a message, with `extra` bytes announced that follow it. */
export function finish(writer: XdrWriter, extra = 0): Buffer {
  const bytes = writer.bytes();
  const length = bytes.length + extra;
  if (length > LONGEST_MESSAGE) throw new XdrError(`a message of ${length} bytes where at most ${LONGEST_MESSAGE} are allowed`);
  bytes.writeUInt32BE(length, 0);
  return bytes;
}

/** Reads the header of a whole message. */
export function parse(frame: Buffer): Message {
  const payload = new XdrReader(frame, 4);
  const program = payload.uint();
  const version = payload.uint();
  if (version !== VERSION) throw new XdrError(`version ${version} of program ${program}`);
  const procedure = payload.int();
  const type = payload.int();
  const serial = payload.uint();
  const status = payload.int();
  return { program, procedure, type, serial, status, payload };
}
