import { createServer, type Server } from 'node:https';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeSelfSigned } from '../../../api/certificates/self-signed.js';
import { portOf } from '../../../http/listeners.js';
import { RemotePool } from './remote-pool.js';

const USER = { userName: 'root', password: 'word' };

let server: Server;
let open: number;
let timers: NodeJS.Timeout[] = [];

/** A pool that begins to answer, and then sends a blank now and then for ever. */
beforeAll(async () => {
  open = 0;
  server = createServer(await makeSelfSigned(['127.0.0.1']), (_, response) => {
    open++;
    response.on('close', () => open--);
    response.write('{');
    timers.push(setInterval(() => response.write(' '), 10));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  for (const timer of timers) clearInterval(timer);
  timers = [];
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('gives up on a pool whose answer does not come to an end', async () => {
  const ways = { gone: new AbortController().signal, port: portOf(server), patience: 300 };
  await expect(RemotePool.logIn('127.0.0.1', USER, ways)).rejects.toThrow('Could not ask the pool at 127.0.0.1: no answer');
  await expect.poll(() => open).toBe(0);
});

it('does not wait for a pool when nobody waits any more', async () => {
  const gone = new AbortController();
  setTimeout(() => gone.abort(), 100);
  const ways = { gone: gone.signal, port: portOf(server) };
  await expect(RemotePool.logIn('127.0.0.1', USER, ways)).rejects.toThrow('no answer');
  await expect.poll(() => open).toBe(0);
});
