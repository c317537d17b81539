import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClientMessage, decodeServerMessage } from './decode.js';
import { encodeClientMessage, encodeServerMessage } from './encode.js';
import { checkHello, encodeHello, HELLO_LENGTH } from './hello.js';
import type { ClientMessage, ServerMessage } from './messages.js';
import { XeProtocolError } from './protocol-error.js';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('messages on the wire', () => {
  const server: readonly (readonly [ServerMessage, string])[] = [
    [{ kind: 'print', text: 'hi' }, '0e000000 09000000 00000000 02000000 6869'],
    [{ kind: 'exit', code: 0 }, '0c000000 09000000 04000000 00000000'],
    [{ kind: 'exit', code: 1 }, '0c000000 09000000 04000000 01000000'],
    [{ kind: 'prompt' }, '08000000 09000000 03000000'],
    [{ kind: 'load', fileName: 'a' }, '0d000000 09000000 01000000 01000000 61'],
    [{ kind: 'print-error', text: '' }, '0c000000 09000000 10000000 00000000'],
    [{ kind: 'debug', text: 'é' }, '0e000000 09000000 0f000000 02000000 c3a9'],
    [{ kind: 'http-get', fileName: 'f', url: '/u' }, '13000000 09000000 0c000000 01000000 66 02000000 2f75'],
    [{ kind: 'http-put', fileName: '', url: '/' }, '11000000 09000000 0d000000 00000000 01000000 2f'],
    [{ kind: 'http-connect', url: '/c' }, '0e000000 09000000 11000000 02000000 2f63'],
    [{ kind: 'error', code: 'C', params: ['a', ''] }, '1a000000 09000000 0e000000 01000000 43 02000000 01000000 61 00000000'],
  ];
  it.each(server)('server: %j', (message, hex) => {
    const framed = encodeServerMessage(message);
    expect(framed.toString('hex')).toBe(bytes(hex).toString('hex'));
    expect(decodeServerMessage(framed.subarray(4))).toEqual(message);
  });

  const client: readonly (readonly [ClientMessage, string])[] = [
    [{ kind: 'ok' }, '08000000 0a000000 05000000'],
    [{ kind: 'failed' }, '08000000 0a000000 06000000'],
    [{ kind: 'wait' }, '08000000 0a000000 12000000'],
    [{ kind: 'end' }, '08000000 0b000000 08000000'],
    [{ kind: 'chunk', size: 258 }, '0c000000 0b000000 07000000 02010000'],
  ];
  it.each(client)('client: %j', (message, hex) => {
    const framed = encodeClientMessage(message);
    expect(framed.toString('hex')).toBe(bytes(hex).toString('hex'));
    expect(decodeClientMessage(framed.subarray(4))).toEqual(message);
  });
});

describe('a payload that cannot be', () => {
  it.each([
    ['empty', ''],
    ['a tag alone', '09000000'],
    ['an unknown command', '09000000 63000000'],
    ['a response', '0a000000 05000000'],
    ['a text that is longer than the payload', '09000000 00000000 05000000 6869'],
    ['a text of negative length', '09000000 00000000 ffffffff'],
    ['a list that is longer than the payload', '09000000 0e000000 00000000 ffffff7f'],
    ['a list of negative length', '09000000 0e000000 00000000 ffffffff'],
  ])('from a server: %s', (_, hex) => {
    expect(() => decodeServerMessage(bytes(hex))).toThrow(XeProtocolError);
  });

  it.each([
    ['empty', ''],
    ['an unknown answer', '0a000000 63000000'],
    ['an outcome under the tag of blobs', '0b000000 05000000'],
    ['a chunk under the tag of outcomes', '0a000000 07000000 01000000'],
    ['a chunk without its size', '0b000000 07000000'],
    ['a chunk of negative size', '0b000000 07000000 ffffffff'],
  ])('from a client: %s', (_, hex) => {
    expect(() => decodeClientMessage(bytes(hex))).toThrow(XeProtocolError);
  });

  it('never is anything but refused or read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (random) => {
        for (const decode of [decodeServerMessage, decodeClientMessage]) {
          try {
            decode(Buffer.from(random));
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(XeProtocolError);
          }
        }
      }),
    );
  });
});

describe('the hello', () => {
  it('is the prefix and the version', () => {
    expect(encodeHello().toString('latin1')).toBe('XenSource thin CLI protocol\0\0\0\0\x02\0\0\0');
    expect(encodeHello()).toHaveLength(HELLO_LENGTH);
  });

  it('of another minor version is welcome', () => {
    const other = encodeHello();
    other.writeInt32LE(9, HELLO_LENGTH - 4);
    expect(() => checkHello(other)).not.toThrow();
  });

  it('of another major version is not', () => {
    const other = encodeHello();
    other.writeInt32LE(1, HELLO_LENGTH - 8);
    expect(() => checkHello(other)).toThrow('version 1');
  });

  it('of something else is not', () => {
    expect(() => checkHello(Buffer.from('HTTP/1.1 400 Bad Request'.padEnd(HELLO_LENGTH)))).toThrow('does not speak');
  });
});
