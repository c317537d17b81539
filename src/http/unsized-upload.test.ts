import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-support.js';

/** Bytes that a blob may have here. */
const MOST = 300_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { blob: MOST, stallTime: 200, sweepInterval: 20, headTime: 300 } });
  server.blobs.add('blob', { mimeType: 'text/plain', public: false });
});
afterAll(() => server.stop());
afterEach(() => {
  server.tasks.log.length = 0;
  server.blobs.content.delete('blob');
});

const HEAD = 'PUT /blob?ref=blob&session_id=OpaqueRef:admin&task_id=OpaqueRef:t HTTP/1.0\r\n\r\n';
const answered = (bytes: Buffer) => bytes.includes('\r\n\r\n');
const content = () => server.blobs.content.get('blob')?.toString();

describe('an upload without a length', () => {
  it('is read to the end of the connection, after the head of the reply', async () => {
    const client = server.client().send(HEAD);
    expect((await client.until(answered)).toString()).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
    for (const part of ['first, ', 'second, ', 'x'.repeat(200_000)]) client.send(part);
    client.socket.end();
    await expect.poll(() => server.tasks.log).toEqual(['begin OpaqueRef:t OpaqueRef:admin', 'success OpaqueRef:t']);
    expect(content()).toBe(`first, second, ${'x'.repeat(200_000)}`);
    await client.end();
  });

  it('may come in one piece with its head, and in single bytes', async () => {
    const client = server.client().send(`${HEAD}all at once`);
    client.socket.end();
    await expect.poll(content).toBe('all at once');
    await client.end();
    server.blobs.content.delete('blob');
    const slow = server.client();
    for (const byte of `${HEAD}bytewise`) {
      slow.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.socket.end();
    await expect.poll(content).toBe('bytewise');
    await slow.end();
  });

  it('may be empty, and its client may be gone by the end of it', async () => {
    const client = server.client().send(HEAD);
    await client.until(answered);
    client.send('and away');
    client.socket.end(() => client.socket.destroy());
    await expect.poll(content).toBe('and away');
    const empty = server.client().send(HEAD);
    empty.socket.end();
    await expect.poll(content).toBe('');
    await empty.end();
  });

  it('fails its task when it is too long, stalls, or is reset', async () => {
    const long = server.client().send(HEAD);
    await long.until(answered);
    long.send(Buffer.alloc(MOST + 1));
    await expect.poll(() => server.tasks.log).toContain('failure OpaqueRef:t INTERNAL_ERROR');
    await long.end();
    server.tasks.log.length = 0;
    const stalled = server.client().send(HEAD);
    await stalled.until(answered);
    await expect.poll(() => server.tasks.log, { timeout: 3000 }).toContain('failure OpaqueRef:t INTERNAL_ERROR');
    await stalled.end();
    server.tasks.log.length = 0;
    const reset = server.client().send(`${HEAD}half`);
    await reset.until(answered);
    reset.socket.resetAndDestroy();
    await expect.poll(() => server.tasks.log).toContain('failure OpaqueRef:t INTERNAL_ERROR');
    expect(content()).toBeUndefined();
  });

  it('is refused where nobody takes it, with the reason in its task', async () => {
    const client = server.client().send(HEAD.replace('/blob', '/import'));
    expect((await client.until(answered)).toString()).toMatch(/^HTTP\/1\.0 501 /);
    await client.end();
    expect(server.tasks.log).toEqual(['failNamed OpaqueRef:t NOT_IMPLEMENTED']);
  });
});

describe('other requests', () => {
  it('with PUT are left to HTTP: those with a length, and those of HTTP/1.1, which have no body without one', async () => {
    const sized = server.client().send(HEAD.replace('\r\n\r\n', '\r\nContent-length: 5\r\n\r\n'));
    await sized.until(answered);
    sized.send('sized');
    await expect.poll(content).toBe('sized');
    await sized.end();
    const current = server.client().send(`${HEAD.replace('1.0', '1.1')}`);
    expect((await current.reply()).status).toBe('HTTP/1.1 411 Length Required');
    await current.end();
    const chunked = server
      .client()
      .send(`${HEAD.replace('\r\n\r\n', '\r\nTransfer-encoding: chunked\r\n\r\n')}5\r\nhello\r\n0\r\n\r\n`);
    expect((await chunked.reply()).status).toBe('HTTP/1.0 411 Length Required');
    await chunked.end();
  });

  it('that never end their head are cut off', async () => {
    const client = server.client().send('PUT /blob');
    expect((await client.end()).length).toBe(0);
  });
});
