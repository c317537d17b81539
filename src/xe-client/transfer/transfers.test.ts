import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientMessage, ServerMessage } from '../../wire/xe/messages.js';
import type { Peer } from '../testing/peer.js';
import { type Outcome, type Place, run } from '../testing/run.js';
import { type ScriptedServer, startScripted } from '../testing/scripted-server.js';

/** For machines that are busy. */
const PATIENCE = { timeout: 4_000 };

let directory: string;
let server: ScriptedServer | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'xe-transfers-'));
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  const { errors } = server ?? {};
  await server?.close();
  expect(errors ?? []).toEqual([]);
});

/** Has the client do one thing. What it answered, and what the user saw. */
async function order(
  message: ServerMessage,
  http: (peer: Peer) => Promise<void> | void,
  { file = 'file', ...place }: Place & { readonly file?: string } = {},
): Promise<Outcome & { readonly answers: readonly ClientMessage['kind'][] }> {
  const answers: ClientMessage['kind'][] = [];
  server = await startScripted({
    cli: async (peer) => {
      peer.say(message);
      do answers.push((await peer.hear()).kind);
      while (answers.at(-1) === 'wait');
      peer.exit();
    },
    http,
  });
  return { ...(await run([...server.options, 'x', `filename=${file}`], { directory, ...place })), answers };
}

const path = () => join(directory, 'file');
function accept(peer: Peer): void {
  peer.socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
}

/** A whole response. */
function give(peer: Peer, body: string): void {
  accept(peer);
  peer.socket.end(body);
}

const get = { kind: 'http-get', fileName: 'file', url: '/export?ref=a%20b&session_id=s' } as const;
const put = { kind: 'http-put', fileName: 'file', url: '/import?session_id=s' } as const;

describe('a download', () => {
  it('makes a new file that only the user can read', async () => {
    const body = Buffer.alloc(3_000_000, 'abc');
    let head = '';
    const outcome = await order(get, (peer) => {
      ({ head } = peer);
      accept(peer);
      peer.socket.end(body);
    });
    expect(outcome).toEqual({ code: 0, out: '', err: '', answers: ['ok'] });
    expect(head).toBe('GET /export?ref=a%20b&session_id=s HTTP/1.0\r\n\r\n');
    expect(readFileSync(path()).equals(body)).toBe(true);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('never overwrites one, whether it was there before or not, and ends with that', async () => {
    const failed = { code: 1, out: '', err: 'Operation failed. Error: Sys_error("file: File exists")\n' };
    writeFileSync(path(), 'mine');
    let begun = false;
    const early = await order(get, () => {
      begun = true;
    });
    expect(early).toMatchObject(failed);
    await expect.poll(() => early.answers, PATIENCE).toEqual(['failed']);
    expect(begun).toBe(false);
    await server?.close();
    rmSync(path());
    const late = await order(get, (peer) => {
      writeFileSync(path(), 'mine');
      give(peer, 'theirs');
    });
    expect(late).toMatchObject(failed);
    await expect.poll(() => late.answers, PATIENCE).toEqual(['failed']);
    expect(readFileSync(path(), 'utf8')).toBe('mine');
  });

  it('goes to standard output after what was printed, when it has no name', async () => {
    const outcome = await order({ ...get, fileName: '' }, (peer) => give(peer, 'body'));
    expect(outcome).toEqual({ code: 0, out: 'body', err: '', answers: ['ok'] });
  });

  it('ends quietly when nobody reads it', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    server = await startScripted({
      cli: (peer) => peer.say({ ...get, fileName: '' }),
      http: (peer) => give(peer, 'body'),
    });
    expect(await run([...server.options, 'x'], { stdout })).toMatchObject({ code: 141, err: '' });
  });

  it('follows where it is sent, but not for ever', async () => {
    const heads: string[] = [];
    const redirect = (peer: Peer, to: string) => peer.socket.end(`HTTP/1.1 302 Found\r\nLOCATION: ${to}\r\n\r\n`);
    const outcome = await order(get, (peer) => {
      heads.push(peer.head.split(' ')[1] ?? '');
      if (heads.length < 3) return void redirect(peer, `/again/${heads.length}`);
      accept(peer);
      peer.socket.end('here');
    });
    expect(outcome.answers).toEqual(['ok']);
    expect(heads).toEqual([get.url, '/again/1', '/again/2']);
    expect(readFileSync(path(), 'utf8')).toBe('here');
    await server?.close();
    rmSync(path());
    const circle = await order(get, (peer) => void redirect(peer, '/circle'));
    expect(circle).toMatchObject({ answers: ['failed'], err: expect.stringContaining('redirects again and again') });
  });

  it.each([
    ['is refused', 'HTTP/1.1 403 Forbidden\r\n\r\n', ''],
    ['is sent nowhere', 'HTTP/1.1 302 Found\r\n\r\n', ''],
    ['gets no answer', '', 'Operation failed. Error: the server closed the connection\n'],
    ['gets half an answer', 'HTTP/1.1 200 OK\r\nX', 'Operation failed. Error: the server closed the connection\n'],
    ['gets nonsense', 'nonsense\r\n\r\n', 'Operation failed. Error: the server does not speak HTTP\n'],
    [
      'gets headers without end',
      `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`,
      'Operation failed. Error: the server does not speak HTTP\n',
    ],
  ])('that %s makes no file', async (_what, response, err) => {
    const outcome = await order(get, (peer) => void peer.socket.end(response));
    expect(outcome).toEqual({ code: 0, out: '', err, answers: ['failed'] });
    expect(existsSync(path())).toBe(false);
  });

  it('that breaks off leaves no half of a file', async () => {
    const outcome = await order(get, async (peer) => {
      accept(peer);
      peer.socket.write('half');
      await expect.poll(() => existsSync(path()) && statSync(path()).size, PATIENCE).toBe(4);
      peer.socket.resetAndDestroy();
    });
    expect(outcome).toMatchObject({ answers: ['failed'], err: expect.stringMatching(/^Operation failed/) });
    expect(existsSync(path())).toBe(false);
  });

  it('shows signs of life as long as it takes', async () => {
    const outcome = await order(
      get,
      (peer) => {
        accept(peer);
        setTimeout(() => peer.socket.end(), 100);
      },
      { signOfLife: 20 },
    );
    expect(outcome.answers.length).toBeGreaterThan(2);
    expect(outcome.answers.slice(0, 2)).toEqual(['wait', 'wait']);
    expect(outcome.answers.at(-1)).toBe('ok');
  });
});

describe('an upload', () => {
  it('waits until it is accepted, then sends the file and no more', async () => {
    const content = Buffer.alloc(2_000_000, 'xyz');
    writeFileSync(path(), content);
    let head = '';
    let early = -1;
    let body: Buffer = Buffer.alloc(0);
    const outcome = await order(put, async (peer) => {
      ({ head } = peer);
      await new Promise((resolve) => setTimeout(resolve, 50));
      early = peer.waiting;
      accept(peer);
      body = await peer.take(content.length);
      expect(await peer.rest()).toEqual(Buffer.alloc(0));
      peer.socket.end();
    });
    expect(outcome).toEqual({ code: 0, out: '', err: '', answers: ['ok'] });
    expect(head).toBe('PUT /import?session_id=s HTTP/1.0\r\nContent-length: 2000000\r\n\r\n');
    expect(early).toBe(0);
    await expect.poll(() => body.equals(content), PATIENCE).toBe(true);
  });

  it('of an empty file says so', async () => {
    writeFileSync(path(), '');
    let head = '';
    const outcome = await order(put, (peer) => {
      ({ head } = peer);
      accept(peer);
    });
    expect(outcome.answers).toEqual(['ok']);
    expect(head).toContain('Content-length: 0\r\n');
  });

  it('of what is piped in ends with its connection', async () => {
    const stdin = new PassThrough();
    stdin.end('piped');
    let head = '';
    let body = '';
    const outcome = await order(
      { ...put, fileName: '/dev/stdin' },
      async (peer) => {
        ({ head } = peer);
        accept(peer);
        body = String(await peer.rest());
      },
      { stdin, file: '/dev/stdin' },
    );
    expect(outcome).toEqual({ code: 0, out: '', err: '', answers: ['ok'] });
    expect(head).toBe('PUT /import?session_id=s HTTP/1.0\r\n\r\n');
    await expect.poll(() => body, PATIENCE).toBe('piped');
  });

  it('goes again where it is sent, with nothing lost', async () => {
    writeFileSync(path(), 'content');
    let body = '';
    const outcome = await order(put, async (peer) => {
      if (peer.head.startsWith('PUT /import')) return void peer.socket.end('HTTP/1.1 302 Found\r\nLocation: /master\r\n\r\n');
      accept(peer);
      body = String(await peer.rest());
    });
    expect(outcome.answers).toEqual(['ok']);
    await expect.poll(() => body, PATIENCE).toBe('content');
  });

  it('of nothing, of a directory and one that is refused fail', async () => {
    const none = await order(put, () => {});
    expect(none).toMatchObject({ code: 1, err: "Operation failed. Error: file 'file' does not exist\n" });
    await expect.poll(() => none.answers, PATIENCE).toEqual(['failed']);
    await server?.close();
    server = await startScripted({
      cli: async (peer) => {
        peer.say({ ...put, fileName: directory });
        peer.exit((await peer.hear()).kind === 'failed' ? 9 : 0);
      },
    });
    const folder = await run([...server.options, 'x', `filename=${directory}`]);
    expect(folder).toMatchObject({ code: 1, err: `Operation failed. Error: Sys_error("${directory}: Is a directory")\n` });
    await server.close();
    writeFileSync(path(), 'content');
    const refused = await order(put, (peer) => void peer.socket.end('HTTP/1.1 500 No\r\n\r\n'));
    expect(refused).toEqual({ code: 0, out: '', err: '', answers: ['failed'] });
  });

  it('that is cut off fails', async () => {
    writeFileSync(path(), Buffer.alloc(8_000_000));
    const outcome = await order(put, (peer) => {
      accept(peer);
      peer.socket.pause();
      setTimeout(() => peer.socket.resetAndDestroy(), 20);
    });
    expect(outcome).toMatchObject({ answers: ['failed'], err: expect.stringMatching(/^Operation failed/) });
  });
});
