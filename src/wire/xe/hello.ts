import { XeProtocolError } from './protocol-error.js';

const PREFIX = Buffer.from('XenSource thin CLI protocol', 'latin1');

/** Version of the protocol that both sides must have: another major one is another protocol. */
export const VERSION = { major: 0, minor: 2 } as const;

/** Bytes of a hello: the prefix and two numbers, not framed. */
export const HELLO_LENGTH = PREFIX.length + 8;

/** What both sides send first. */
export function encodeHello(): Buffer {
  const hello = Buffer.alloc(HELLO_LENGTH);
  PREFIX.copy(hello);
  hello.writeInt32LE(VERSION.major, PREFIX.length);
  hello.writeInt32LE(VERSION.minor, PREFIX.length + 4);
  return hello;
}

/** Checks the hello of the other side, all of its bytes. Throws XeProtocolError when it speaks something else. */
export function checkHello(hello: Buffer): void {
  if (!hello.subarray(0, PREFIX.length).equals(PREFIX))
    throw new XeProtocolError('the other side does not speak the xe protocol');
  const major = hello.readInt32LE(PREFIX.length);
  if (major !== VERSION.major) throw new XeProtocolError(`the other side speaks version ${major} of the xe protocol`);
}
