import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeServerMessage } from '../wire/xe/encode.js';
import { encodeHello } from '../wire/xe/hello.js';
import { type Outcome, type Place, run } from './testing/run.js';
import { type Script, type ScriptedServer, startScripted, startScriptedTls } from './testing/scripted-server.js';

/** For machines that are busy. */
const PATIENCE = { timeout: 4_000 };

let directory: string;
let server: ScriptedServer | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'xe-client-'));
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  const { errors } = server ?? {};
  await server?.close();
  server = undefined;
  expect(errors ?? []).toEqual([]);
});

async function ask(script: Script, words: readonly string[] = ['vm-list'], place: Place = {}): Promise<Outcome> {
  server = await startScripted(script);
  return run([...server.options, ...words], { directory, ...place });
}

describe('without a server', () => {
  it('tells the version, and how it is used', async () => {
    expect(await run(['vm-list', '-version'])).toEqual({ code: 0, out: 'ThinCLI protocol: 0.2\n', err: '' });
    for (const args of [[], ['--help'], ['vm-list', '-help'], ['-s', 'h']]) {
      const { code, out, err } = await run(args);
      expect({ code, out }).toEqual({ code: 0, out: '' });
      expect(err).toMatch(/^Usage: xe /);
    }
  });

  it('says that there is none', async () => {
    const closed = await startScripted({});
    await closed.close();
    const nobody = { code: 1, out: '', err: 'Unable to contact server. Please check server and port settings.\n' };
    expect(await run([...closed.options, 'vm-list'])).toEqual(nobody);
    expect(await run(['vm-list'], { env: { XE_UNIX_SOCKET: join(directory, 'none') } })).toEqual(nobody);
  });

  it('tells why in detail when asked, and only on failure when asked for that', async () => {
    const env = { XE_UNIX_SOCKET: join(directory, 'none') };
    for (const option of ['--debug', '--debug-on-fail'])
      expect((await run([option, 'vm-list'], { env })).err).toContain('ENOENT');
  });

  it('says when a setting makes no sense', async () => {
    expect(await run(['-p', 'x', 'vm-list'])).toMatchObject({ code: 1, err: expect.stringContaining('from 1 to 65535') });
    expect(await run(['--completion', 'csh'])).toMatchObject({ code: 1, err: expect.stringContaining('bash only') });
    expect(await run(['vm-param-set', 'name-label=x\nother-config:a=b'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('line end'),
    });
    expect(await run([`x=${'y'.repeat(210_000)}`])).toMatchObject({ code: 1, err: 'The command line is too long.\n' });
  });
});

describe('the request', () => {
  it('is the command line with the credentials at its end', async () => {
    let head = '';
    let words: readonly string[] = [];
    const script: Script = {
      cli: (peer, heard) => {
        ({ head } = peer);
        words = heard;
        peer.exit();
      },
    };
    const env = { TRACEPARENT: '00-1', BAGGAGE: 'a=b' };
    expect(await ask(script, ['-u', 'me', '-pw', 'p', 'vm-list', 'name=ä'], { env })).toEqual({ code: 0, out: '', err: '' });
    expect(words).toEqual(['vm-list', 'name=ä', 'username=me', 'password=p']);
    const lines = ['POST /cli HTTP/1.0', 'User-agent: xe-cli/Unix/0.2', 'originator: cli', 'traceparent: 00-1', 'baggage: a=b'];
    expect(head).toBe([...lines, 'content-length: 38', '', ''].join('\r\n'));
  });

  it('goes over a Unix socket, and over TLS to whoever answers', async () => {
    const script: Script = { cli: (peer) => peer.exit(7) };
    const path = join(directory, 'x.sock');
    server = await startScripted(script, path);
    expect((await run(['vm-list'], { env: { XE_UNIX_SOCKET: path } })).code).toBe(7);
    await server.close();
    server = await startScriptedTls(script);
    expect((await run([...server.options, 'vm-list'])).code).toBe(7);
  });
});

describe('a server', () => {
  it('prints, complains and ends with a code', async () => {
    const outcome = await ask({
      cli: (peer) => {
        peer.say({ kind: 'print', text: 'one\ntwo' }, { kind: 'print-error', text: 'no newline' });
        peer.say({ kind: 'debug', text: 'for nobody' }, { kind: 'print', text: '' });
        peer.say({ kind: 'error', code: 'CODE', params: ['a', 'b'] });
        peer.exit(3);
      },
    });
    expect(outcome).toEqual({ code: 3, out: 'one\ntwo\n\n', err: 'no newlineError code: CODE\nError parameters: a, b\n' });
  });

  it('is heard out in the order of what it says, in pieces of any size', async () => {
    const messages = Array.from({ length: 300 }, (_, i) => encodeServerMessage({ kind: 'print', text: `${i}`.repeat(200) }));
    const bytes = Buffer.concat([...messages, encodeServerMessage({ kind: 'exit', code: 0 })]);
    const { out } = await ask({
      cli: async (peer) => {
        for (let at = 0; at < bytes.length; at += 7_001) {
          peer.socket.write(bytes.subarray(at, at + 7_001));
          await new Promise(setImmediate);
        }
      },
    });
    expect(out).toBe(Array.from({ length: 300 }, (_, i) => `${`${i}`.repeat(200)}\n`).join(''));
  });

  it('is shown while it goes on working', async () => {
    let show = (_text: string) => {};
    const shown = new Promise<string>((resolve) => {
      show = resolve;
    });
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        show(String(chunk));
        done();
      },
    });
    const script: Script = {
      cli: async (peer) => {
        peer.say({ kind: 'print', text: 'patience' });
        await shown;
        peer.exit();
      },
    };
    expect((await ask(script, ['x'], { stdout })).code).toBe(0);
    expect(await shown).toBe('patience\n');
  });

  it('says more for people who look for mistakes', async () => {
    const script = (code: number): Script => ({
      cli: (peer) => {
        peer.say({ kind: 'debug', text: 'detail' });
        peer.exit(code);
      },
    });
    expect((await ask(script(0), ['x', '--debug'])).err).toContain('detail\n');
    await server?.close();
    expect((await ask(script(1), ['x', '--debug-on-fail'])).err).toContain('detail\n');
    await server?.close();
    expect((await ask(script(0), ['x', '--debug-on-fail'])).err).toBe('');
  });

  it('asks the user', async () => {
    const heard: string[] = [];
    const script: Script = {
      cli: async (peer) => {
        for (let i = 0; i < 3; i++) {
          peer.say({ kind: 'print', text: '?' }, { kind: 'prompt' });
          heard.push(String(await peer.hearBlob()));
        }
        peer.exit();
      },
    };
    expect(await ask(script, ['x'], { typed: 'yes\n\nno end' })).toEqual({ code: 0, out: '?\n?\n?\n', err: '' });
    expect(heard).toEqual(['yes', '', 'no end']);
  });

  it('gets no answer from a user who has gone', async () => {
    const outcome = await ask({ cli: (peer) => peer.say({ kind: 'prompt' }) });
    expect(outcome).toEqual({ code: 1, out: '', err: 'Lost connection to the server.\n' });
  });

  it('gets files that the user named, and is told of those that cannot be opened', async () => {
    writeFileSync(join(directory, 'file'), Buffer.from([0, 1, 255]));
    writeFileSync(join(directory, 'empty'), '');
    const heard: unknown[] = [];
    const script: Script = {
      cli: async (peer) => {
        for (const fileName of ['file', 'empty', 'none', '/dev/stdin']) {
          peer.say({ kind: 'load', fileName });
          const { kind } = await peer.hear();
          heard.push(kind, ...(kind === 'ok' ? [[...(await peer.hearBlob())]] : []));
        }
        peer.exit();
      },
    };
    const words = ['x', 'a=file', 'b=empty', 'c=none', 'd=/dev/stdin'];
    expect(await ask(script, words, { typed: 'A' })).toEqual({ code: 0, out: '', err: '' });
    expect(heard).toEqual(['ok', [0, 1, 255], 'ok', [], 'failed', 'ok', [65]]);
  });

  it('gets no more of a file than servers take', async () => {
    const path = join(directory, 'large');
    writeFileSync(path, '');
    truncateSync(path, 32 * 1024 * 1024 + 1);
    const script: Script = {
      cli: async (peer) => {
        peer.say({ kind: 'load', fileName: path });
        peer.exit((await peer.hear()).kind === 'failed' ? 9 : 0);
      },
    };
    expect(await ask(script, ['x', `file=${path}`])).toEqual({ code: 9, out: '', err: `File too large: ${path}\n` });
  });

  it.each(['load', 'http-put', 'http-get'] as const)('gets nothing at all after %s of another file', async (kind) => {
    writeFileSync(join(directory, 'private'), 'secret');
    let answered: Buffer | undefined;
    const outcome = await ask({
      cli: async (peer) => {
        const fileName = join(directory, 'private');
        peer.say(kind === 'load' ? { kind, fileName } : { kind, fileName, url: '/x' });
        answered = await peer.rest();
      },
    });
    expect(outcome).toEqual({ code: 1, out: '', err: `File not permitted: ${join(directory, 'private')}\n` });
    await expect.poll(() => answered, PATIENCE).toEqual(Buffer.alloc(0));
  });
});

describe('a server that goes wrong', () => {
  const raw = (...bytes: readonly Buffer[]): Script => ({ raw: (peer) => void peer.socket.end(Buffer.concat(bytes)) });
  const int = (...values: readonly number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries()) bytes.writeInt32LE(value, i * 4);
    return bytes;
  };
  const exit = encodeServerMessage({ kind: 'exit', code: 0 });
  const otherMajor = encodeHello();
  otherMajor.writeInt32LE(1, otherMajor.length - 8);

  it.each([
    ['closes at once', raw(), 'Unable to contact server. Please check server and port settings.'],
    ['speaks HTTP', raw(Buffer.from('HTTP/1.1 404 Not Found\r\n\r\n')), 'Server internal error.'],
    ['stops in the middle of its greeting', raw(encodeHello().subarray(0, 30)), 'Lost connection to the server.'],
    ['speaks something else', raw(Buffer.alloc(100, 'x')), 'Unhandled exception: the other side does not speak the xe protocol'],
    ['speaks another version', raw(otherMajor, exit), 'Unhandled exception: the other side speaks version 1 of the xe protocol'],
    ['closes without a last word', raw(encodeHello()), 'Lost connection to the server.'],
    ['stops in the middle of a message', raw(encodeHello(), exit.subarray(0, 9)), 'Lost connection to the server.'],
    ['sends a message without end', raw(encodeHello(), int(0x7fffffff, 9)), 'Unhandled exception: a message of 2147483647 bytes'],
    ['sends a message of less than nothing', raw(encodeHello(), int(-1)), 'Unhandled exception: a message of -1 bytes'],
    ['sends an unknown message', raw(encodeHello(), int(8, 9, 99)), 'Unhandled exception: unknown message 99'],
    [
      'sends a text that is not there',
      raw(encodeHello(), int(12, 9, 0, 50)),
      'Unhandled exception: a text of 50 bytes is not there',
    ],
  ])('%s', async (_what, script, text) => {
    expect(await ask(script)).toEqual({ code: 1, out: '', err: `${text}\n` });
  });

  it('has what it printed before shown', async () => {
    const outcome = await ask({
      cli: (peer) => {
        peer.say({ kind: 'print', text: 'half' });
        peer.socket.end();
      },
    });
    expect(outcome).toEqual({ code: 1, out: 'half\n', err: 'Lost connection to the server.\n' });
  });

  it('has to wait for a user who does not read', async () => {
    const text = 'x'.repeat(1_000_000);
    let reading = false;
    let held = () => {};
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        if (reading) done();
        else held = done;
      },
    });
    let unsent = 0;
    const script: Script = {
      cli: (peer) => {
        for (let i = 0; i < 40; i++) peer.say({ kind: 'print', text });
        setTimeout(() => {
          unsent = peer.socket.writableLength;
          reading = true;
          held();
          peer.exit();
        }, 100);
      },
    };
    expect((await ask(script, ['x'], { stdout })).code).toBe(0);
    expect(unsent).toBeGreaterThan(20_000_000);
  });
});

it('ends quietly when nobody reads the output any more', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  });
  const outcome = await ask({ cli: (peer) => void peer.say({ kind: 'print', text: 'x' }) }, ['x'], { stdout });
  expect(outcome).toMatchObject({ code: 141, err: '' });
});
