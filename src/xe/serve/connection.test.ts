import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { portOf } from '../../http/listeners.js';
import { encodeClientMessage } from '../../wire/xe/encode.js';
import { encodeHello } from '../../wire/xe/hello.js';
import { encodeRequest } from '../../wire/xe/request.js';
import { XeConnection } from './connection.js';
import { FAREWELL, LOAD_LIMIT, PROMPT_LIMIT, SMALLEST_CHUNK } from './limits.js';

let server: Server;
let client: Socket;
let connection: XeConnection;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  client = connect({ port: portOf(server), host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  socket.on('error', () => undefined);
  connection = new XeConnection(socket, Buffer.alloc(0));
});

afterEach(() => {
  client.destroy();
  connection.drop();
  server.close();
});

/** Goes through the opening as a client with these words. */
async function open(...words: string[]): Promise<void> {
  client.write(Buffer.concat([encodeRequest(words, {}), encodeHello()]));
  expect((await connection.open()).words).toEqual(words);
}

const answer = (...parts: readonly (Parameters<typeof encodeClientMessage>[0] | string)[]) =>
  client.write(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : encodeClientMessage(part)))));

it('reads a request that comes byte by byte', async () => {
  const opened = connection.open();
  for (const byte of Buffer.concat([encodeRequest(['vm-list', 'a=1'], { originator: 'cli' }), encodeHello()])) {
    client.write(Buffer.of(byte));
    if (byte % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await opened).toMatchObject({ words: ['vm-list', 'a=1'], originator: 'cli' });
});

it.each([
  ['no hello', 'POST /cli HTTP/1.0\r\ncontent-length: 1\r\n\r\na', 'has closed'],
  ['another hello', `POST /cli HTTP/1.0\r\ncontent-length: 1\r\n\r\na${'x'.repeat(40)}`, 'does not speak'],
  ['no length', 'POST /cli HTTP/1.0\r\n\r\n', 'length'],
  ['half a body', 'POST /cli HTTP/1.0\r\ncontent-length: 10\r\n\r\nhalf', 'has closed'],
  ['an endless head', `POST /cli HTTP/1.0\r\n${'a: b\r\n'.repeat(10_000)}`, 'too long'],
])('refuses %s', async (_, bytes, reason) => {
  client.end(bytes);
  await expect(connection.open()).rejects.toThrow(reason);
});

it('lets everything out before it closes, even when the client still sends', async () => {
  await open('x');
  client.write(Buffer.alloc(200_000, 'x'));
  const text = 'y'.repeat(15_000);
  for (let i = 0; i < 100; i++) connection.print(text);
  const closed = connection.exit(3);
  const received: Buffer[] = [];
  client.on('data', (bytes: Buffer) => received.push(bytes));
  await once(client, 'end');
  client.end();
  await closed;
  const all = Buffer.concat(received);
  expect(all.length).toBeGreaterThan(1_500_000);
  expect(all.subarray(-16).toString('hex')).toBe('0c000000090000000400000003000000');
});

it('takes the line of a prompt', async () => {
  await open('x');
  const line = connection.prompt();
  answer({ kind: 'chunk', size: 3 }, 'yes', { kind: 'end' });
  expect(await line).toBe('yes');
});

it('refuses a line that is too long, and one of a negative length', async () => {
  await open('x');
  const line = connection.prompt();
  answer({ kind: 'chunk', size: 1 << 20 });
  await expect(line).rejects.toThrow('too long');
  const next = connection.prompt();
  answer({ kind: 'chunk', size: -1 });
  await expect(next).rejects.toThrow('-1 bytes');
});

it('takes a file in one chunk or several, and knows of one that cannot be opened', async () => {
  await open('x');
  const whole = connection.load('f');
  answer({ kind: 'ok' }, { kind: 'chunk', size: 5 }, 'whole', { kind: 'end' });
  expect((await whole)?.toString()).toBe('whole');
  const parts = connection.load('f');
  answer({ kind: 'ok' }, { kind: 'chunk', size: 2 }, 'pa', { kind: 'chunk', size: 3 }, 'rts', { kind: 'end' });
  expect((await parts)?.toString()).toBe('parts');
  const missing = connection.load('f');
  answer({ kind: 'failed' });
  expect(await missing).toBeUndefined();
});

it('takes a file that is larger than what may lie unread', async () => {
  await open('x');
  const content = Buffer.alloc(5_000_000, 'z');
  const loaded = connection.load('f');
  answer({ kind: 'ok' }, { kind: 'chunk', size: content.length });
  client.write(content);
  answer({ kind: 'end' });
  expect((await loaded)?.equals(content)).toBe(true);
});

it('takes no more than the limit of all files together', async () => {
  await open('x');
  const loaded = connection.load('f');
  answer({ kind: 'ok' }, { kind: 'chunk', size: LOAD_LIMIT + 1 });
  await expect(loaded).rejects.toThrow(`more than ${LOAD_LIMIT} bytes`);
});

it('takes no more chunks than a file of the limit can have, however small they are', async () => {
  await open('x');
  const line = connection.prompt();
  const nothing = encodeClientMessage({ kind: 'chunk', size: 0 });
  client.write(Buffer.concat(Array.from({ length: PROMPT_LIMIT / SMALLEST_CHUNK + 1 }, () => nothing)));
  await expect(line).rejects.toThrow('too long');
  const loaded = connection.load('f');
  answer({ kind: 'ok' });
  client.write(Buffer.concat(Array.from({ length: LOAD_LIMIT / SMALLEST_CHUNK + 1 }, () => nothing)));
  await expect(loaded).rejects.toThrow(`more than ${LOAD_LIMIT} bytes`);
});

it('waits for a user who reads page by page, and not for a client that has read everything and stays', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await open('x');
    client.pause();
    for (let i = 0; i < 2_000; i++) connection.print('y'.repeat(15_000));
    let closed = false;
    const exited = connection.exit(0).then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(FAREWELL * 3);
    expect(closed).toBe(false);
    let received = 0;
    client.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    client.resume();
    await once(client, 'end');
    expect(received).toBeGreaterThan(30_000_000);
    // The client has everything and leaves its side open.
    await vi.advanceTimersByTimeAsync(FAREWELL + 1);
    await exited;
  } finally {
    vi.useRealTimers();
  }
});

it('is patient with a client that asks for it', async () => {
  await open('x');
  const done = connection.httpPut('f', '/u');
  answer({ kind: 'wait' }, { kind: 'wait' }, { kind: 'ok' });
  expect(await done).toBe(true);
  const failed = connection.httpGet('f', '/u');
  answer({ kind: 'failed' });
  expect(await failed).toBe(false);
});

it.each([
  ['an answer of negative length', 'ffffffff'],
  ['an endless answer', 'ffffff7f'],
  ['an answer that is none', '08000000 63000000 63000000'],
  ['a chunk where an outcome was due', '0c000000 0b000000 07000000 00000000'],
])('gives up on %s', async (_, hex) => {
  await open('x');
  const done = connection.httpGet('f', '/u');
  client.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  await expect(done).rejects.toThrow();
});

it('knows of a client that has gone', async () => {
  await open('x');
  const line = connection.prompt();
  client.destroy();
  await expect(line).rejects.toThrow(/gone|closed/);
  await expect.poll(() => connection.signal.aborted).toBe(true);
  connection.print('to nobody');
  await connection.exit(0);
});
