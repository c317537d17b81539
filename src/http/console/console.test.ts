import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import jpeg from 'jpeg-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { screenConsole } from '../../host/emulated/console/rfb.js';
import { ApiError } from '../../model/error.js';
import { startTestServer, type TestServer } from '../test-support.js';
import type { ConsoleAccess, FoundConsole } from './access.js';
import { consoleConnect } from './connect.js';
import { ScanCodeTranslator } from './scan-codes.js';
import { readScreen } from './screen.js';
import { screenSnapshot } from './snapshot.js';
import { consoleWebSocket } from './web-socket.js';

/** What each console that a test opens is. */
let next: () => FoundConsole;
const asked: object[] = [];

const access: ConsoleAccess = {
  find(name) {
    asked.push(name);
    return next();
  },
};

/** A text console that says hello and repeats in capitals what it hears. */
function loud(): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      stream.push(chunk.toString().toUpperCase());
      done();
    },
  });
  stream.push('hello');
  return stream;
}

const text = (isHost = false, stream = loud()): FoundConsole => ({ protocol: 'vt100', isHost, open: async () => stream });

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    endpoints: screenSnapshot(access),
    connectEndpoints: { ...consoleConnect(access), ...consoleWebSocket(access) },
  });
});
afterAll(() => server.stop());
afterEach(() => {
  asked.length = 0;
});

const ADMIN = 'session_id=OpaqueRef:admin';

describe('CONNECT /console', () => {
  it('answers with 78 bytes and then the console, also to a request without any header', async () => {
    next = () => text();
    const client = server.client().send(`CONNECT /console?ref=OpaqueRef:c&${ADMIN} HTTP/1.1\r\n\r\n`);
    const head = await client.until((bytes) => bytes.includes('hello'));
    expect(head.indexOf('hello')).toBe(78);
    expect(head.subarray(0, 78).toString()).toBe(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n',
    );
    client.send('abc');
    await client.until((bytes) => bytes.includes('ABC'));
    expect(asked).toEqual([{ ref: 'OpaqueRef:c' }]);
    client.socket.destroy();
  });

  it('passes on what came with the request, and ends with the console', async () => {
    const stream = loud();
    next = () => text(false, stream);
    const client = server.client().send(`CONNECT /console?uuid=u&${ADMIN} HTTP/1.0\r\n\r\nearly`);
    await client.until((bytes) => bytes.includes('EARLY'));
    stream.push(null);
    await client.end();
  });

  it('lets go of the console when the client is gone', async () => {
    const stream = loud();
    next = () => text(false, stream);
    const client = server.client().send(`CONNECT /console?uuid=u&${ADMIN} HTTP/1.0\r\n\r\n`);
    await client.until((bytes) => bytes.includes('hello'));
    client.socket.destroy();
    await once(stream, 'close');
  });

  it.each([
    ['nobody', '/console?ref=r', '401'],
    ['a reader', '/console?ref=r&session_id=OpaqueRef:reader', '403'],
    ['no name of a console', `/console?${ADMIN}`, '500'],
  ])('refuses %s', async (_, path, status) => {
    next = () => text();
    const reply = await server.client().send(`CONNECT ${path} HTTP/1.0\r\n\r\n`).reply();
    expect(reply.status).toContain(status);
  });

  it('refuses a console that cannot be opened', async () => {
    next = () => {
      throw new ApiError('VM_BAD_POWER_STATE', 'OpaqueRef:vm', 'running', 'halted');
    };
    const reply = await server.client().send(`CONNECT /console?ref=r&${ADMIN} HTTP/1.0\r\n\r\n`).reply();
    expect(reply.status).toContain('500');
  });
});

describe('GET /console with an upgrade', () => {
  const open = (query: string, protocols: string[] = []): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${new URL(server.httpUrl ?? '').port}/console?${query}`, protocols);

  it('speaks WebSocket in the sub-protocol of viewers', async () => {
    next = () => text();
    const client = open(`ref=r&${ADMIN}`, ['binary', 'base64']);
    const heard: Buffer[] = [];
    client.on('message', (data: Buffer) => heard.push(data));
    await once(client, 'open');
    expect(client.protocol).toBe('binary');
    client.send(Buffer.from('abc'));
    while (!Buffer.concat(heard).includes('ABC')) await once(client, 'message');
    expect(Buffer.concat(heard).toString()).toBe('helloABC');
    client.close();
    await once(client, 'close');
  });

  it('refuses who may not, and who does not upgrade', async () => {
    next = () => text();
    const client = open('ref=r');
    const [error] = await once(client, 'error');
    expect(String(error)).toContain('401');
    const reply = await server.client().send(`GET /console?ref=r&${ADMIN} HTTP/1.1\r\nHost: x\r\n\r\n`).reply();
    expect(reply.status).toContain('501');
  });

  it('does not keep clients from calling that offer HTTP/2 with each request', async () => {
    const body = '<methodCall><methodName>hello</methodName><params></params></methodCall>';
    const head = ['Host: x', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', `Content-Length: ${body.length}`];
    const reply = await server
      .client()
      .send(['POST / HTTP/1.1', ...head, '', body].join('\r\n'))
      .reply();
    expect(reply.body).toContain('héllo');
  });
});

describe('GET /vncsnapshot', () => {
  it('is a JPEG picture of the screen', async () => {
    next = () => ({ protocol: 'rfb', isHost: false, open: async () => screenConsole('guest', 'seed') });
    const response = await fetch(`${server.httpUrl}/vncsnapshot?uuid=u&${ADMIN}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const picture = jpeg.decode(Buffer.from(await response.arrayBuffer()));
    expect([picture.width, picture.height]).toEqual([720, 400]);
    expect(new Set(picture.data).size).toBeGreaterThan(10);
  });

  it('of a text console there is none', async () => {
    next = () => text();
    expect((await fetch(`${server.httpUrl}/vncsnapshot?uuid=u&${ADMIN}`)).status).toBe(500);
  });

  it('fails when the other side is no screen, or goes away', async () => {
    const noScreen = loud();
    noScreen.push('is no screen');
    await expect(readScreen(noScreen)).rejects.toThrow('this is no screen');
    const stream = new PassThrough();
    stream.end('RFB 003.008\n');
    await expect(readScreen(stream)).rejects.toThrow();
  });
});

describe('keys by scan code', () => {
  const HANDSHAKE = Buffer.concat([Buffer.from('RFB 003.008\n'), Buffer.from([1, 1])]);
  const translated = async (pieces: readonly Buffer[]): Promise<Buffer> => {
    const translator = new ScanCodeTranslator();
    const out: Buffer[] = [];
    translator.on('data', (data: Buffer) => out.push(data));
    for (const piece of pieces) translator.write(piece);
    translator.end();
    await once(translator, 'end');
    return Buffer.concat(out);
  };
  const control = Buffer.from([254, 1, 0, 0, 0, 0, 0, 0x1d]);
  const asQemu = Buffer.from([255, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x1d]);
  const encodings = Buffer.from([2, 0, 0, 1, 0, 0, 0, 0]);
  const cut = Buffer.from([6, 0, 0, 0, 0, 0, 0, 3, 254, 254, 254]);

  it('become messages of QEMU, between others that stay as they are', async () => {
    const sent = Buffer.concat([HANDSHAKE, encodings, control, cut, control]);
    const wanted = Buffer.concat([HANDSHAKE, encodings, asQemu, cut, asQemu]);
    expect(await translated([sent])).toEqual(wanted);
    expect(await translated([...sent].map((byte) => Buffer.from([byte])))).toEqual(wanted);
  });

  it('are left alone where the conversation is not understood', async () => {
    const unknown = Buffer.concat([HANDSHAKE, Buffer.from([200]), control]);
    expect(await translated([unknown])).toEqual(unknown);
    const secured = Buffer.concat([Buffer.from('RFB 003.008\n'), Buffer.from([2]), control]);
    expect(await translated([secured])).toEqual(secured);
  });

  it('of version 3.3 come without a choice of security', async () => {
    const start = Buffer.concat([Buffer.from('RFB 003.003\n'), Buffer.from([1])]);
    expect(await translated([Buffer.concat([start, control])])).toEqual(Buffer.concat([start, asQemu]));
  });
});
