import { PassThrough } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import type { Peer } from '../testing/peer.js';
import { type Outcome, run } from '../testing/run.js';
import { type ScriptedServer, startScripted } from '../testing/scripted-server.js';
import type { Keyboard } from '../world.js';

let server: ScriptedServer | undefined;
afterEach(async () => {
  const { errors } = server ?? {};
  await server?.close();
  expect(errors ?? []).toEqual([]);
});

async function open(http: (peer: Peer) => Promise<void> | void, stdin: Keyboard): Promise<Outcome & { readonly answer: string }> {
  let answer = '';
  server = await startScripted({
    cli: async (peer) => {
      peer.say({ kind: 'http-connect', url: '/console?uuid=u&session_id=s' });
      answer = (await peer.hear()).kind;
      peer.exit();
    },
    http,
  });
  const showBytesAsTheyAre = async () => void ('modes' in stdin && Array.isArray(stdin.modes) && stdin.modes.push('as they are'));
  const outcome = await run([...server.options, 'console'], { stdin, showBytesAsTheyAre });
  return { ...outcome, answer };
}

/** A terminal that tells how it was set. */
function terminal(): PassThrough & { readonly modes: (boolean | string)[]; setRawMode(raw: boolean): void } {
  const modes: (boolean | string)[] = [];
  return Object.assign(new PassThrough(), { modes, setRawMode: (raw: boolean) => void modes.push(raw) });
}

it('relays keys and text both ways until Control-]', async () => {
  const stdin = terminal();
  let head = '';
  let heard = '';
  const outcome = await open(async (peer) => {
    ({ head } = peer);
    peer.socket.write('HTTP/1.1 200 OK\r\n\r\nlogin: ');
    stdin.write('root\x03');
    heard = String(await peer.take(5));
    expect(stdin.modes).toEqual([true, 'as they are']);
    peer.socket.write('welcome');
    await new Promise((resolve) => setTimeout(resolve, 50));
    stdin.write('x\x1dy');
    heard += String(await peer.rest());
  }, stdin);
  expect(outcome).toEqual({ code: 0, out: 'login: welcome\r\n', err: '', answer: 'ok' });
  expect(head).toBe('CONNECT /console?uuid=u&session_id=s HTTP/1.0\r\ncontent-length: 0\r\n\r\n');
  expect(heard.startsWith('root\x03')).toBe(true);
  expect(heard).not.toContain('y');
  expect(stdin.modes).toEqual([true, 'as they are', false]);
});

it('connects again when the connection breaks', async () => {
  const stdin = terminal();
  let connections = 0;
  const outcome = await open((peer) => {
    connections++;
    if (connections === 2) return void peer.socket.destroy();
    peer.socket.write(`HTTP/1.1 200 OK\r\n\r\n${connections}`);
    if (connections === 3) setTimeout(() => stdin.write('\x1d'), 50);
    else peer.socket.end();
  }, stdin);
  expect(outcome).toEqual({ code: 0, out: '13\r\n', err: '', answer: 'ok' });
});

it('keeps nothing of the connections that broke', async () => {
  const stdin = terminal();
  let connections = 0;
  await open((peer) => {
    peer.socket.end('HTTP/1.1 200 OK\r\n\r\n');
    if (++connections === 5) stdin.write('\x1d');
  }, stdin);
  expect(stdin.eventNames().filter((name) => name === 'data' || name === 'drain')).toEqual([]);
  expect(stdin.listenerCount('end')).toBeLessThanOrEqual(1);
});

it('can be ended while there is no connection', async () => {
  const stdin = terminal();
  let connections = 0;
  const outcome = await open((peer) => {
    if (++connections > 1) return void peer.socket.destroy();
    peer.socket.end('HTTP/1.1 200 OK\r\n\r\n');
    setTimeout(() => stdin.write('\x1d'), 250);
  }, stdin);
  expect(outcome.answer).toBe('ok');
  expect(connections).toBeGreaterThan(1);
});

it('ends with its connection when no key can come any more', async () => {
  const stdin = new PassThrough();
  stdin.end('last words');
  let heard = '';
  let connections = 0;
  const outcome = await open(async (peer) => {
    connections++;
    peer.socket.write('HTTP/1.1 200 OK\r\n\r\n');
    heard = String(await peer.take(10));
    peer.socket.end('bye');
  }, stdin);
  expect(outcome).toEqual({ code: 0, out: 'bye', err: '', answer: 'ok' });
  expect([heard, connections]).toEqual(['last words', 1]);
});

it.each([
  [404, 'Server replied with HTTP 404: the console is not available\n'],
  [403, 'Server said: HTTP/1.1 403 No\n'],
])('fails on %i', async (status, err) => {
  const stdin = terminal();
  const outcome = await open((peer) => void peer.socket.end(`HTTP/1.1 ${status} No\r\n\r\n`), stdin);
  expect(outcome).toEqual({ code: 0, out: '', err, answer: 'failed' });
  expect(stdin.modes).toEqual([]);
});
