import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LENGTH, NBD } from '../../../../wire/nbd/numbers.js';
import { NbdConnection } from './nbd-connection.js';

let directory: string;
let path: string;
let server: Server | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nbd-'));
  path = join(directory, 'sock');
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

function optionReply(option: number, type: number, data = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(LENGTH.optionReply);
  head.writeBigUInt64BE(NBD.optionReplyMagic, 0);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(data.length, 16);
  return Buffer.concat([head, data]);
}

function chunk(cookie: bigint, type: number, data: Buffer, flags = 1): Buffer {
  const head = Buffer.alloc(LENGTH.structuredReply);
  head.writeUInt32BE(NBD.structuredReplyMagic, 0);
  head.writeUInt16BE(flags, 4);
  head.writeUInt16BE(type, 6);
  head.writeBigUInt64BE(cookie, 8);
  head.writeUInt32BE(data.length, 16);
  return Buffer.concat([head, data]);
}

const offsetOf = (offset: number, size = 8): Buffer => {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64BE(BigInt(offset), 0);
  return bytes;
};

/** Serves a disk of 4096 bytes; `answer` says what comes for a request. Bytes come one by one where `isSlow`. */
async function serve(answer: (cookie: bigint) => readonly Buffer[], isSlow = false): Promise<void> {
  const send = (socket: Socket, bytes: Buffer): void => {
    if (isSlow) for (const byte of bytes) socket.write(Buffer.from([byte]));
    else socket.write(bytes);
  };
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    send(socket, Buffer.concat([Buffer.from(NBD.magic + NBD.optionMagic, 'latin1'), Buffer.from([0, 3])]));
    let bytes = Buffer.alloc(0);
    let stage = 0;
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (;;) {
        const needed = [4, 16, 22, LENGTH.request][Math.min(stage, 3)] ?? 0;
        if (bytes.length < needed) return;
        const part = bytes.subarray(0, needed);
        bytes = bytes.subarray(needed);
        if (stage === 1) send(socket, optionReply(8, 1));
        if (stage === 2) {
          const info = Buffer.alloc(12);
          info.writeBigUInt64BE(4096n, 2);
          send(socket, Buffer.concat([optionReply(7, 3, info), optionReply(7, 1)]));
        }
        if (stage >= 3) send(socket, Buffer.concat(answer(part.readBigUInt64BE(8))));
        stage++;
      }
    });
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(path, resolve));
}

async function open(): Promise<NbdConnection> {
  const connection = await NbdConnection.open(path);
  if (connection === undefined) throw new Error('there is a server');
  return connection;
}

describe('a client of NBD', () => {
  it.each([false, true])('puts data and holes together (one byte at a time: %s)', async (isSlow) => {
    const data = Buffer.from('data');
    const hole = offsetOf(104, 12);
    hole.writeUInt32BE(4, 8);
    await serve((cookie) => [chunk(cookie, 2, hole, 0), chunk(cookie, 1, Buffer.concat([offsetOf(100), data]))], isSlow);
    const disk = await open();
    expect(disk.size).toBe(4096);
    const [first, second] = [Buffer.alloc(8, 1), Buffer.alloc(8, 1)];
    await Promise.all([disk.read(100, first), disk.read(100, second)]);
    expect([first.toString('latin1'), second.toString('latin1')]).toEqual(['data\0\0\0\0', 'data\0\0\0\0']);
    disk.close();
  });

  it('tells a full disk from other failures', async () => {
    let code = 28;
    await serve((cookie) => {
      const error = Buffer.alloc(6);
      error.writeUInt32BE(code, 0);
      return [chunk(cookie, 0x8001, error)];
    });
    const disk = await open();
    await expect(disk.write(0, Buffer.alloc(4))).rejects.toMatchObject({ failure: 'full' });
    code = 5;
    await expect(disk.flush()).rejects.toMatchObject({ failure: 'failed' });
    disk.close();
  });

  it.each<[string, (cookie: bigint) => readonly Buffer[]]>([
    ['answers with something else', () => [Buffer.alloc(20, 1)]],
    ['answers what nobody asked', (cookie) => [chunk(cookie + 7n, 0, Buffer.alloc(0))]],
    ['sends bytes behind the end', (cookie) => [chunk(cookie, 1, Buffer.concat([offsetOf(6), Buffer.from('data')]))]],
    ['sends bytes before the start', (cookie) => [chunk(cookie, 2, offsetOf(2 ** 40, 12))]],
    ['sends an endless error', (cookie) => [chunk(cookie, 0x8001, Buffer.alloc(10_000))]],
  ])('gives up on a server that %s', async (_name, answer) => {
    await serve(answer);
    const disk = await open();
    await expect(disk.read(0, Buffer.alloc(8))).rejects.toThrow();
    await expect(disk.read(0, Buffer.alloc(8))).rejects.toThrow();
  });

  it('fails what is under way when the connection is closed', async () => {
    await serve(() => []);
    const disk = await open();
    const reading = disk.read(0, Buffer.alloc(8));
    disk.close();
    await expect(reading).rejects.toThrow('closed');
  });

  it.each(['destroy', 'end'] as const)('fails what is under way when the server goes away (%s)', async (how) => {
    const sockets: Socket[] = [];
    await serve(() => {
      for (const socket of sockets) socket[how]();
      return [];
    });
    server?.on('connection', (socket) => sockets.push(socket));
    const disk = await open();
    await expect(disk.read(0, Buffer.alloc(8))).rejects.toThrow('gone');
    await expect(disk.flush()).rejects.toThrow('gone');
  });

  it('takes no other server for one of NBD, and waits for none', async () => {
    expect(await NbdConnection.open(path)).toBeUndefined();
    server = createServer((socket) => socket.end('SSH-2.0-something-else-entirely'));
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(path, resolve));
    await expect(NbdConnection.open(path)).rejects.toThrow();
  });
});
