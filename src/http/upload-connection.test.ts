import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamPieces } from './stream-pieces.js';
import { UploadConnection } from './upload-connection.js';

const MIB = 2 ** 20;
const HEAD = Buffer.from('PUT /import HTTP/1.1\r\n\r\n');

let server: Server;
let client: Socket;
let accepted: Socket;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const connection = once(server, 'connection');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  [accepted] = (await connection) as [Socket];
  accepted.pause();
});
afterEach(() => {
  client.destroy();
  accepted.destroy();
  server.close();
});

function uploadOf(length: number, start = Buffer.alloc(0)): UploadConnection {
  const upload = UploadConnection.of(accepted, HEAD, start, length);
  if (upload === undefined) throw new Error('the socket cannot be read so');
  upload.on('error', () => undefined);
  return upload;
}

async function digestOf(pieces: AsyncIterable<Buffer>, pause = 0): Promise<{ digest: string; pieces: number }> {
  const hash = createHash('sha1');
  let count = 0;
  for await (const piece of pieces) {
    if (pause > 0) await sleep(pause);
    hash.update(piece);
    count++;
  }
  return { digest: hash.digest('hex'), pieces: count };
}

describe('the body of an upload', () => {
  it('comes as it was sent, whatever came with the head, slowly read or not', { timeout: 30_000 }, async () => {
    const bytes = randomBytes(10 * MIB + 12_345);
    const upload = uploadOf(bytes.length, bytes.subarray(0, 70_000));
    client.write(bytes.subarray(70_000));
    const { digest, pieces } = await digestOf(
      upload.body(() => undefined),
      5,
    );
    expect(digest).toBe(createHash('sha1').update(bytes).digest('hex'));
    expect(pieces).toBeLessThan(200);
  });

  it('comes in time from a client that pauses in the middle of pieces', async () => {
    const bytes = randomBytes(3 * MIB);
    const upload = uploadOf(bytes.length);
    void (async () => {
      for (let at = 0; at < bytes.length; at += 400_000) {
        client.write(bytes.subarray(at, at + 400_000));
        await sleep(40);
      }
    })();
    let seen = 0;
    const { digest } = await digestOf(
      (async function* () {
        for await (const piece of upload.body(() => seen++)) yield piece;
      })(),
    );
    expect(digest).toBe(createHash('sha1').update(bytes).digest('hex'));
    expect(seen).toBeGreaterThan(3);
  });

  it('is left with the client while nobody takes it', async () => {
    const upload = uploadOf(400 * MIB);
    const body = upload.body(() => undefined);
    const bytes = Buffer.alloc(MIB, 1);
    const send = (): void => void (client.writable && client.write(bytes, () => send()));
    for (let n = 0; n < 8; n++) send();
    await body.next();
    await sleep(300);
    const sent = (): number => client.bytesWritten - client.writableLength;
    const before = sent();
    await sleep(300);
    expect(sent()).toBe(before);
    // What the system itself holds for two sockets is some megabytes.
    expect(before).toBeLessThan(60 * MIB);
    upload.destroy();
    await body.return();
  });

  it('fails where the client goes, and leaves what lies behind it', async () => {
    const gone = uploadOf(MIB);
    client.end(Buffer.alloc(1000));
    await expect(digestOf(gone.body(() => undefined))).rejects.toThrow('ended the connection');
  });

  it('is not waited for when the connection is closed', async () => {
    const upload = uploadOf(MIB);
    const reading = digestOf(upload.body(() => undefined));
    client.write('some');
    await sleep(20);
    upload.destroy();
    await expect(reading).rejects.toThrow('closed');
    expect(accepted.destroyed).toBe(true);
  });
});

it('a reply comes to a client that still sends what nobody takes', async () => {
  const upload = uploadOf(30 * MIB);
  const reply = once(client, 'data');
  client.write(Buffer.alloc(30 * MIB));
  upload.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  expect(String((await reply)[0])).toContain('403');
  await once(client, 'end');
});

it('pieces of a stream are large, and it waits while nobody takes them', async () => {
  let made = 0;
  const stream = new Readable({
    read() {
      made += 65_536;
      this.push(Buffer.alloc(65_536, 1));
    },
  });
  const pieces = streamPieces(stream, () => undefined);
  expect((await pieces.next()).value?.length).toBe(MIB);
  await sleep(50);
  expect(made).toBeLessThan(8 * MIB);
  await pieces.return();
  expect(stream.destroyed).toBe(true);
});

it('a stream that breaks breaks its pieces', async () => {
  const stream = new PassThrough();
  const pieces = streamPieces(stream, () => undefined);
  stream.write('abc');
  expect(String((await pieces.next()).value)).toBe('abc');
  stream.destroy(new Error('broken'));
  await expect(pieces.next()).rejects.toThrow('broken');
});
