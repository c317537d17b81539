import { LENGTH, NBD, PADDING } from './numbers.js';
import { NbdProtocolError } from './protocol-error.js';

/** What a server says first. */
export function encodeGreeting(flags: number): Buffer {
  const greeting = Buffer.alloc(LENGTH.greeting);
  greeting.write(NBD.magic + NBD.optionMagic, 0, 'latin1');
  greeting.writeUInt16BE(flags, 16);
  return greeting;
}

/** The flags of a server's greeting. Throws NbdProtocolError for anything else, and for servers that know no options. */
export function decodeGreeting(greeting: Buffer): number {
  if (greeting.toString('latin1', 0, 16) !== NBD.magic + NBD.optionMagic) throw new NbdProtocolError('no NBD server');
  return greeting.readUInt16BE(16);
}

/** What a client says to the greeting. */
export function encodeClientFlags(flags: number): Buffer {
  const bytes = Buffer.alloc(LENGTH.clientFlags);
  bytes.writeUInt32BE(flags);
  return bytes;
}

/** The answer to the oldest way to ask for an export: its size in bytes and what it can do, then data flows. */
export function encodeExport(size: number, flags: number, isPadded: boolean): Buffer {
  const bytes = Buffer.alloc(10 + (isPadded ? PADDING : 0));
  bytes.writeBigUInt64BE(BigInt(size));
  bytes.writeUInt16BE(flags, 8);
  return bytes;
}
