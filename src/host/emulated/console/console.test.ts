import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { screenConsole } from './rfb.js';
import { serialConsole } from './serial.js';

/** Reads exactly so many bytes. */
async function take(stream: Duplex, count: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = stream.read(count);
    if (bytes !== null) return bytes;
    await once(stream, 'readable');
  }
}

async function handshake(stream: Duplex): Promise<Buffer> {
  expect((await take(stream, 12)).toString()).toBe('RFB 003.008\n');
  stream.write('RFB 003.008\n');
  expect([...(await take(stream, 2))]).toEqual([1, 1]);
  stream.write(Buffer.from([1]));
  expect([...(await take(stream, 4))]).toEqual([0, 0, 0, 0]);
  stream.write(Buffer.from([1]));
  return take(stream, 24);
}

const request = (incremental: number, width: number, height: number): Buffer =>
  Buffer.from([3, incremental, 0, 0, 0, 0, width >> 8, width & 255, height >> 8, height & 255]);

describe('screen of an emulated guest', () => {
  it('speaks RFB 3.8, also in pieces', async () => {
    const stream = screenConsole('guest', 'seed');
    const facts = await handshake(stream);
    const [width, height] = [facts.readUInt16BE(0), facts.readUInt16BE(2)];
    expect((await take(stream, facts.readUInt32BE(20))).toString()).toBe('guest');
    stream.write(Buffer.from([2, 0, 0, 1, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0]));
    for (const byte of Buffer.concat([Buffer.from([65]), request(0, width, height)])) stream.write(Buffer.from([byte]));
    const head = await take(stream, 16);
    expect([head.readUInt16BE(2), head.readUInt16BE(8), head.readUInt16BE(10), head.readInt32BE(12)]).toEqual([
      1,
      width,
      height,
      0,
    ]);
    const picture = await take(stream, width * height * 4);
    expect(new Set(picture).size).toBeGreaterThan(5);
    stream.destroy();
  });

  it('draws in the form that the client wants', async () => {
    const stream = screenConsole('g', 'seed');
    await handshake(stream);
    await take(stream, 1);
    stream.write(Buffer.from([0, 0, 0, 0, 16, 16, 1, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0]));
    stream.write(request(0, 10, 3));
    await take(stream, 16);
    expect(await take(stream, 10 * 3 * 2)).toHaveLength(60);
    stream.destroy();
  });

  it('speaks RFB 3.3, where the server chooses', async () => {
    const stream = screenConsole('g', 'seed');
    await take(stream, 12);
    stream.write('RFB 003.003\n');
    expect([...(await take(stream, 4))]).toEqual([0, 0, 0, 1]);
    stream.write(Buffer.from([1]));
    expect(await take(stream, 25)).toHaveLength(25);
    stream.destroy();
  });

  it('cuts a client off that speaks something else or announces too much', async () => {
    for (const message of [Buffer.from([200]), Buffer.from([6, 0, 0, 0, 255, 255, 255, 255])]) {
      const stream = screenConsole('g', 'seed');
      await handshake(stream);
      const failed = once(stream, 'error');
      stream.write(message);
      expect((await failed)[0]).toBeInstanceOf(RangeError);
    }
  });
});

describe('serial line of an emulated guest', () => {
  it('asks for a login, echoes the name but not the password, and lets nobody in', async () => {
    const stream = serialConsole('guest');
    expect((await take(stream, 14 + 1)).toString()).toBe('\r\nguest login: ');
    stream.write('roox\x7ft\r');
    expect((await take(stream, 20)).toString()).toBe('roox\b \bt\r\nPassword: ');
    stream.write('secret\r');
    expect((await take(stream, 32)).toString()).toBe('\r\nLogin incorrect\r\nguest login: ');
    stream.end();
    await once(stream.resume(), 'end');
  });
});
