import { LENGTH, NBD } from './numbers.js';
import { NbdProtocolError } from './protocol-error.js';

/** Something that is asked of a disk; the data of a write follows it. */
export interface NbdRequest {
  readonly command: number;
  readonly flags: number;
  /** Comes back with the answer, whatever it means to the client. */
  readonly cookie: bigint;
  /** In bytes. Beyond what any disk has, it is not exact. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** The head of a request. */
export function encodeRequest({ command, flags, cookie, offset, length }: NbdRequest): Buffer {
  const head = Buffer.alloc(LENGTH.request);
  head.writeUInt32BE(NBD.requestMagic, 0);
  head.writeUInt16BE(flags, 4);
  head.writeUInt16BE(command, 6);
  head.writeBigUInt64BE(cookie, 8);
  head.writeBigUInt64BE(BigInt(offset), 16);
  head.writeUInt32BE(length, 24);
  return head;
}

/** Throws NbdProtocolError for what is no request. */
export function decodeRequest(head: Buffer): NbdRequest {
  if (head.readUInt32BE(0) !== NBD.requestMagic) throw new NbdProtocolError('no request where one was due');
  return {
    flags: head.readUInt16BE(4),
    command: head.readUInt16BE(6),
    cookie: head.readBigUInt64BE(8),
    offset: Number(head.readBigUInt64BE(16)),
    length: head.readUInt32BE(24),
  };
}
