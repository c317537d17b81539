import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Peer } from './connection.js';
import { claim, type RawProtocol } from './raw-protocol.js';
import { parseReplies, post, RawClient, startTestServer, type TestServer, xmlCall } from './test-support.js';

const taken: { bytes: string; peer: Peer }[] = [];

/** Claims what begins with `PREFIX `, and echoes with a mark. */
function echo(prefix: string): RawProtocol {
  return {
    name: prefix,
    matches: (bytes) => {
      const start = bytes.subarray(0, prefix.length).toString('latin1');
      if (start === prefix) return 'yes';
      return prefix.startsWith(start) ? 'more' : 'no';
    },
    take: (socket, firstBytes, peer) => {
      taken.push({ bytes: firstBytes.toString('latin1'), peer });
      // Not at once: a handler may have to look something up before it reads on.
      setImmediate(() => {
        socket.on('data', (data) => socket.write(`<${data}>`));
        socket.on('end', () => socket.end('bye'));
        socket.resume();
        socket.write(`[${firstBytes.subarray(prefix.length)}]`);
      });
    },
  };
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    rawProtocols: [echo('POST /cli'), echo('PUT /import')],
    limits: { headTime: 200, sweepInterval: 20, halfClosedTime: 50 },
  });
});
afterAll(() => server.stop());

describe('raw protocols', () => {
  it('are asked in order, and one that needs more bytes does not keep another from taking', () => {
    const [first, second] = [echo('ABC'), echo('AB')];
    expect(claim([first, second], Buffer.from('A'))).toBe('undecided');
    expect(claim([first, second], Buffer.from('ABX'))).toBe(second);
    expect(claim([first, second], Buffer.from('ABC'))).toBe(first);
    expect(claim([first, second], Buffer.from('X'))).toBeUndefined();
  });

  it('get their connections with every byte, and may be half-closed', async () => {
    const client = server.client().send('POST /cli and more');
    await client.until((bytes) => bytes.toString() === '[ and more]');
    client.send('x');
    await client.until((bytes) => bytes.toString().endsWith('<x>'));
    await new Promise((done) => setTimeout(done, 120));
    client.socket.end();
    expect((await client.end()).toString()).toBe('[ and more]<x>bye');
  });

  it('are recognised byte by byte', async () => {
    const client = server.client();
    for (const byte of 'PUT /import') {
      client.send(byte);
      await new Promise((done) => setTimeout(done, 2));
    }
    await client.until((bytes) => bytes.toString() === '[]');
    client.socket.destroy();
  });

  it('learn who the peer is', async () => {
    taken.length = 0;
    const client = RawClient.to(server.unixSocketPath).send('PUT /import');
    await client.until((bytes) => bytes.length > 0);
    client.socket.destroy();
    expect(taken[0]?.peer).toEqual({ listener: 'unix', local: true, address: 'unix' });
  });

  it('leave HTTP alone, however its bytes arrive', async () => {
    const text = post('/', xmlCall('hello'));
    const client = server.client();
    for (const byte of text) {
      client.send(byte);
      await new Promise((done) => setImmediate(done));
    }
    expect((await client.reply()).status).toBe('HTTP/1.1 200 OK');
    client.socket.destroy();
    const ahead = server.client().send(text + text + text);
    expect(await ahead.replies(3)).toHaveLength(3);
    ahead.socket.destroy();
  });

  it('that fail cost their client the connection, and nobody else', async () => {
    const broken: RawProtocol = {
      name: 'broken',
      matches: () => 'yes',
      take: () => {
        throw new Error('a fault');
      },
    };
    const other = await startTestServer({ rawProtocols: [broken] });
    expect(await other.client().send('x').end()).toHaveLength(0);
    expect(await other.client().send('y').end()).toHaveLength(0);
    expect(other.log.filter((l) => l.level >= 50)).toHaveLength(2);
    await other.stop();
  });
});

describe('clients that are not what they should be', () => {
  it('are closed when they send nothing, or too little to tell', async () => {
    expect(await server.client().end()).toHaveLength(0);
    expect(await server.client().send('PUT /imp').end()).toHaveLength(0);
  });

  it('are closed when the head of a request does not end in time', async () => {
    const client = server.client().send('GET / HTTP/1.1\r\nHost: x\r\n');
    expect(parseReplies(await client.end())[0]?.status).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('get 431 for an endless head', async () => {
    const client = server.client().send(`GET / HTTP/1.1\r\nCookie: ${'x'.repeat(40_000)}`);
    expect(parseReplies(await client.end())[0]?.status).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  });

  it.each([
    ['another version', 'GET / HTTP/9.9\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS greeting', Buffer.from('160301020001000001fc0303', 'hex')],
    ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    ['a length and chunks', 'POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a negative length', 'POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n'],
    ['a null in a header', 'GET / HTTP/1.1\r\nCookie: \0\r\n\r\n'],
  ])('get 400 for %s', async (_what, bytes) => {
    const client = server.client().send(bytes);
    const replies = parseReplies(await client.end());
    expect(replies.map((r) => r.status)).toEqual(['HTTP/1.1 400 Bad Request']);
    expect(replies[0]?.headers).toMatchObject({ 'content-type': 'text/html', connection: 'close' });
  });

  it('cannot bring the server down with noise', async () => {
    let seed = 12_345;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const valid = Buffer.from(post('/', xmlCall('hello')));
    const clients = Array.from({ length: 150 }, (_, i) => {
      const bytes = i % 2 ? Buffer.from(valid) : Buffer.alloc(1 + random(400));
      for (let n = i % 2 ? 1 + random(5) : bytes.length; n > 0; n--) bytes[random(bytes.length)] = random(256);
      const client = (i % 3 ? server.client() : RawClient.to(server.httpsUrl)).send(bytes);
      client.socket.end();
      return client.end();
    });
    await Promise.all(clients);
    expect(
      (
        await server
          .client()
          .send(post('/', xmlCall('hello')))
          .reply()
      ).status,
    ).toBe('HTTP/1.1 200 OK');
    expect(server.log.filter((l) => l.level >= 50)).toEqual([]);
  });
});
