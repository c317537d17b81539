import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseReplies, post, secrets, startTestServer, type TestServer, xmlCall } from './test-support.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { callBodyTime: 150, stallTime: 300, halfClosedTime: 150, sweepInterval: 20 } });
});
afterAll(() => server.stop());
beforeEach(() => {
  server.rpc.seen.length = 0;
});

const json = (method: string, id: unknown = 1) => JSON.stringify({ jsonrpc: '2.0', method, params: [], id });
const send = (text: string | Buffer) => server.client().send(text).reply();
const CLOSE = ['Host: x', 'Connection: close'];

describe('replies', () => {
  it('have the headers of the original', async () => {
    const reply = await send(post('/', xmlCall('hello'), CLOSE));
    expect(reply.status).toBe('HTTP/1.1 200 OK');
    expect(reply.headers).toMatchObject({
      'content-type': 'text/xml',
      connection: 'close',
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'X-Requested-With',
    });
    expect(reply.body).toContain('héllo');
    expect(Number(reply.headers['content-length'])).toBe(Buffer.byteLength(reply.body));
  });

  it.each(['/', '/RPC2', '/json', '/xmlrpc', '/nothing/here', '/?a=b', 'http://x/RPC2'])('are XML-RPC on %s', async (path) => {
    const reply = await send(post(path, xmlCall('hello')));
    expect(reply.headers['content-type']).toBe('text/xml');
    expect(reply.status).toBe('HTTP/1.1 200 OK');
  });

  it.each(['/jsonrpc', '/jsonrpc/', '/jsonrpc?x=1'])('are JSON-RPC on %s', async (path) => {
    const reply = await send(post(path, json('hello', 'seven')));
    expect(reply.headers['content-type']).toBe('application/json');
    expect(JSON.parse(reply.body)).toEqual({ jsonrpc: '2.0', result: 'héllo', id: 'seven' });
  });

  it('take any content type, none, and any case of header names', async () => {
    const form = ['content-type: application/x-www-form-urlencoded', 'HOST: x'];
    expect((await send(post('/', xmlCall('hello'), form))).headers['content-type']).toBe('text/xml');
    expect((await send(post('/', xmlCall('hello'), []))).status).toBe('HTTP/1.1 200 OK');
  });

  it('are 200 for failures of the API', async () => {
    const reply = await send(post('/jsonrpc', json('no.such')));
    expect(reply.status).toBe('HTTP/1.1 200 OK');
    expect(JSON.parse(reply.body).error).toEqual({ code: 1, message: 'MESSAGE_METHOD_UNKNOWN', data: ['no.such'] });
  });

  it('keep the connection in HTTP/1.1, and in HTTP/1.0 when asked, with its own version', async () => {
    const client = server.client();
    client.send(post('/', xmlCall('hello')));
    expect((await client.replies(1))[0]?.headers.connection).toBe('keep-alive');
    client.send(post('/', xmlCall('later')));
    expect((await client.replies(2))[1]?.body).toContain('later');
    client.socket.destroy();
    const old = post('/', xmlCall('hello'), ['Connection: keep-alive']).replace('HTTP/1.1', 'HTTP/1.0');
    const kept = server.client().send(old);
    expect(await kept.reply()).toMatchObject({ status: 'HTTP/1.0 200 OK', headers: { connection: 'keep-alive' } });
    expect(await kept.send(old).replies(2)).toHaveLength(2);
    kept.socket.destroy();
    const plain = server.client().send(post('/', xmlCall('hello'), []).replace('HTTP/1.1', 'HTTP/1.0'));
    expect(await plain.reply()).toMatchObject({ status: 'HTTP/1.0 200 OK', headers: { connection: 'close' } });
    await plain.end();
  });

  it('come in the order of calls that were sent ahead, which run one after the other', async () => {
    const client = server.client();
    client.send(post('/', xmlCall('hold')) + post('/', xmlCall('hello')) + post('/jsonrpc', json('later')));
    await expect.poll(() => server.rpc.seen.length).toBe(1);
    server.rpc.letGo();
    const replies = await client.replies(3);
    expect(replies.map((r) => /held|héllo|later/.exec(r.body)?.[0])).toEqual(['held', 'héllo', 'later']);
    expect(server.rpc.seen.map((r) => r.method)).toEqual(['hold', 'hello', 'later']);
  });

  it('are INTERNAL_ERROR when the API breaks its promise not to throw', async () => {
    expect((await send(post('/', xmlCall('throw')))).body).toContain('INTERNAL_ERROR');
    expect((await send(post('/', xmlCall('reject')))).body).toContain('VM_BAD_POWER_STATE');
    expect((await send(post('/', xmlCall('unencodable')))).status).toBe('HTTP/1.1 500 Internal Error');
    expect(server.log.filter((l) => l.level >= 50)).toHaveLength(3);
  });
});

describe('origin of a call', () => {
  it('holds what the headers say', async () => {
    const head = [
      'User-Agent: test/1',
      'originator: me',
      'task-id: OpaqueRef:t',
      'subtask-of: OpaqueRef:p',
      'X-Http-Other-Config-Colour: blau\u00e4',
    ];
    await send(Buffer.from(post('/', xmlCall('hello'), head)));
    const origin = server.rpc.seen[0]?.origin;
    expect(origin).toMatchObject({
      local: false,
      address: '127.0.0.1',
      userAgent: 'test/1',
      originator: 'me',
      taskId: 'OpaqueRef:t',
      subtaskOf: 'OpaqueRef:p',
    });
    expect(origin?.otherConfig).toEqual(new Map([['colour', 'blauä']]));
  });

  it('has no members for what they do not say', async () => {
    await send(post('/', xmlCall('hello'), []));
    expect(Object.keys(server.rpc.seen[0]?.origin ?? {})).not.toContain('userAgent');
    expect(server.rpc.seen[0]?.origin.otherConfig).toBeUndefined();
  });

  it('has a signal that tells when the client is gone', async () => {
    const client = server.client().send(post('/', xmlCall('hold')));
    await expect.poll(() => server.rpc.seen.length).toBe(1);
    const signal = server.rpc.seen[0]?.origin.signal;
    expect(signal?.aborted).toBe(false);
    client.socket.resetAndDestroy();
    await expect.poll(() => signal?.aborted).toBe(true);
    server.rpc.letGo();
  });

  it('notices a client that has closed its side and does not come back', async () => {
    const client = server.client().send(post('/', xmlCall('hold')));
    await expect.poll(() => server.rpc.seen.length).toBe(1);
    const signal = server.rpc.seen[0]?.origin.signal;
    client.socket.end();
    await expect.poll(() => signal?.aborted).toBe(true);
    server.rpc.letGo();
  });
});

describe('requests that are no calls', () => {
  const refused = { status: 'HTTP/1.1 500 Internal Error', headers: { 'content-type': 'text/html', connection: 'close' } };

  it.each([
    ['XML that does not parse', post('/', '<methodCall>')],
    ['an empty body', post('/', '')],
    ['XML where JSON belongs', post('/jsonrpc', xmlCall('hello'))],
    ['a notification', post('/jsonrpc', '{"jsonrpc":"2.0","method":"hello","params":[]}')],
    ['a batch', post('/jsonrpc', `[${json('hello')}]`)],
    ['no Content-Length', `POST / HTTP/1.1\r\nHost: x\r\n\r\n${xmlCall('hello')}`],
    ['a chunked body', `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ['a body over the limit', post('/', 'x'.repeat(310_000))],
  ])('get a page: %s', async (_what, request) => {
    const client = server.client().send(request);
    expect(await client.reply()).toMatchObject(refused);
    expect(parseReplies(await client.end())).toHaveLength(1);
    expect(server.rpc.seen).toHaveLength(0);
  });

  it('get an early failure of JSON-RPC for bytes that are not UTF-8', async () => {
    const body = Buffer.from('{"jsonrpc":"2.0","method":"hello","params":["a\xffb"],"id":7}', 'latin1');
    const head = Buffer.from(`POST /jsonrpc HTTP/1.1\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`);
    const reply = await send(Buffer.concat([head, body]));
    expect(reply.status).toBe('HTTP/1.1 200 OK');
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', connection: 'close' });
    expect(JSON.parse(reply.body)).toMatchObject({ id: 0, error: ['INVALID_VALUE', expect.any(String), expect.any(String)] });
  });

  it('are taken up to the very limit', async () => {
    const call = xmlCall('hello');
    const reply = await send(post('/', call + ' '.repeat(300 * 1024 - call.length)));
    expect(reply.status).toBe('HTTP/1.1 200 OK');
  });

  it('get their refusal after the replies that were due', async () => {
    const client = server.client().send(`${post('/', xmlCall('hold'))}this is no HTTP\r\n\r\n`);
    await expect.poll(() => server.rpc.seen.length).toBe(1);
    server.rpc.letGo();
    expect(parseReplies(await client.end()).map((r) => r.body.includes('held'))).toEqual([true]);
  });
});

describe('slow and vanishing clients', () => {
  it('are cut off when a body does not come', async () => {
    const client = server.client().send('POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n<method');
    expect(await client.end()).toHaveLength(0);
  });

  it('are served when a body comes in pieces', async () => {
    const client = server.client();
    for (const byte of post('/', xmlCall('hello'))) {
      client.send(byte);
      await new Promise((done) => setImmediate(done));
    }
    expect((await client.reply()).body).toContain('héllo');
  });

  it('do not hurt when they go away at any point', async () => {
    const request = post('/', xmlCall('later'));
    for (let cut = 1; cut < request.length; cut += 7) {
      const client = server.client().send(request.slice(0, cut));
      await new Promise((done) => setImmediate(done));
      client.socket.resetAndDestroy();
    }
    expect((await send(post('/', xmlCall('hello')))).status).toBe('HTTP/1.1 200 OK');
  });

  it('cannot make us hold an endless row of calls', async () => {
    const client = server.client().send(post('/', xmlCall('hold')));
    const body = xmlCall('hello');
    for (let i = 0; i < 400; i++) client.send(post('/', body));
    await client.end();
    server.rpc.letGo();
    expect(server.rpc.seen.map((r) => r.method)).toEqual(['hold']);
  });
});

describe('large listings', () => {
  it('arrive whole, and leave room for others', async () => {
    server.rpc.listing = secrets(1_000, 4_000);
    const big = server.client().send(post('/', xmlCall('listing'), CLOSE));
    const other = server.client();
    let others = 0;
    let before = 0;
    while (big.length < 4_000_000 && !big.closed) {
      other.send(post('/', xmlCall('hello')));
      await other.replies(++others);
      if (big.length === 0) before = others;
    }
    const reply = await big.reply();
    expect(reply.body.match(/<name>uuid<\/name>/g)).toHaveLength(1_000);
    expect(reply.body.length).toBeGreaterThan(4_000_000);
    // Both while records were being encoded and while the reply was being sent.
    expect(before).toBeGreaterThan(0);
    expect(others - before).toBeGreaterThan(1);
    other.socket.destroy();
  });

  it('wait for a slow reader, and give up on one that has stopped', async () => {
    server.rpc.listing = secrets(2_000, 10_000);
    const client = server.client();
    client.socket.pause();
    client.send(post('/', xmlCall('listing')));
    await expect.poll(() => server.rpc.seen.length).toBe(1);
    await new Promise((done) => setTimeout(done, 100));
    client.socket.resume();
    await client.more(1_000_000);
    client.socket.pause();
    const dropped = () => server.log.some((l) => l.reason === 'the client has stopped reading');
    expect(dropped()).toBe(false);
    await expect.poll(dropped, { timeout: 4_000 }).toBe(true);
    client.socket.destroy();
  });
});
