import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { sendRaw } from './support/raw-request.js';
import { sturdyDaemon } from './support/sturdy-daemon.js';

// Connections that go wrong. 300 VMs make a reply of about a megabyte, more than any socket takes at once.
const sturdy = sturdyDaemon('hosts=1,vms=300');

/** Waits until connections that were dropped are gone at the daemon, too. */
async function settled(before: number): Promise<void> {
  await expect.poll(() => sturdy.openFiles(), { timeout: 20_000 }).toBeLessThanOrEqual(before + 4);
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function call(method: string): string {
  const body = JSON.stringify({ jsonrpc: '2.0', method, params: [sturdy.rpc.session], id: 1 });
  return `POST /jsonrpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

const listing = () => call('VM.get_all_records');

it('200 connections with random bytes, to HTTP, HTTPS and the socket', async () => {
  const before = sturdy.openFiles();
  const ports = [sturdy.daemon.port, Number(new URL(sturdy.daemon.https).port)];
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const bytes = randomBytes(randomInt(1, 4096));
        if (n % 3 === 2) {
          const socket = connect(join(sturdy.daemon.dataDir, 'xenapi.sock'));
          socket.on('error', () => undefined);
          socket.end(bytes);
          socket.resume();
          await Promise.race([once(socket, 'close'), sleep(500)]);
          socket.destroy();
        } else {
          const { text } = await sendRaw(ports[n % 3] ?? 0, bytes, 500);
          expect(text).not.toContain('OpaqueRef:');
        }
      }),
    );
  }
  await settled(before);
});

it('random bytes within TLS', async () => {
  const before = sturdy.openFiles();
  const port = Number(new URL(sturdy.daemon.https).port);
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.write(randomBytes(randomInt(1, 4096)));
      await sleep(200);
      socket.destroy();
    }),
  );
  await settled(before);
});

it('clients that go away in the middle of a large reply', async () => {
  const before = sturdy.openFiles();
  for (let batch = 0; batch < 5; batch++) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const socket = await open(sturdy.daemon.port);
        socket.write(listing());
        await once(socket, 'data');
        if (n % 2 === 0) socket.destroy();
        else socket.resetAndDestroy();
      }),
    );
  }
  await settled(before);
});

it('clients that do not read a large reply hold nobody up', async () => {
  const before = sturdy.openFiles();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(sturdy.daemon.port)));
  for (const socket of sockets) {
    socket.pause();
    socket.write(listing());
  }
  await sleep(300);
  const began = performance.now();
  expect(await sturdy.rpc.call('host.get_all')).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(2_000);
  for (const socket of sockets) socket.destroy();
  await settled(before);
});

it('senders that take their time get their answer, and hold nobody up', async () => {
  const request = call('host.get_all');
  const slow = Array.from({ length: 30 }, async () => {
    const socket = await open(sturdy.daemon.port);
    const reply: Buffer[] = [];
    socket.on('data', (part) => reply.push(part));
    const step = Math.ceil(request.length / 20);
    for (let at = 0; at < request.length; at += step) {
      socket.write(request.slice(at, at + step));
      await sleep(50);
    }
    await expect.poll(() => Buffer.concat(reply).toString(), { timeout: 10_000 }).toContain('"result":["OpaqueRef:');
    socket.destroy();
  });
  const began = performance.now();
  expect(await sturdy.rpc.call('host.get_all')).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(2_000);
  await Promise.all(slow);
});

it('connections that close in the middle of a request change nothing', async () => {
  const before = sturdy.openFiles();
  const [vm] = await sturdy.rpc.call<string[]>('VM.get_by_name_label', 'vm-001');
  const body = JSON.stringify({
    jsonrpc: '2.0',
    method: 'VM.set_name_label',
    params: [sturdy.rpc.session, vm, 'half a request'],
    id: 1,
  });
  const request = `POST /jsonrpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (let length = 1; length < request.length; length += 7) {
    const socket = await open(sturdy.daemon.port);
    socket.end(request.slice(0, length));
    socket.resume();
    await Promise.race([once(socket, 'close'), sleep(20)]);
    socket.destroy();
  }
  await settled(before);
});

describe('heads that make no sense are refused:', () => {
  const heads: Readonly<Record<string, string>> = {
    'a negative length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
    'a length that is none': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n',
    'two lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'a huge length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n<',
    'a length beyond numbers': `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${'9'.repeat(400)}\r\n\r\n<`,
    'chunks and a length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a chunk size that is none': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n',
    'an unknown transfer coding': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: zip\r\n\r\n',
    'an unknown version': 'POST / HTTP/9.9\r\nHost: a\r\n\r\n',
    'an unknown method': 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n',
    'a long request line': `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    'a long header': `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
    'many headers': `GET / HTTP/1.1\r\nHost: a\r\n${'X-Many: a\r\n'.repeat(20_000)}\r\n`,
    'a header without a name': 'GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n',
    'a NUL in the path': 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
    'a way out of the directory': 'GET /../../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n',
    'an encoded way out': 'GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n',
    'a bad escape': 'GET /%zz%1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'a tunnel to elsewhere': 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n',
  };
  for (const [what, head] of Object.entries(heads)) {
    it(what, async () => {
      const { text, closed } = await sendRaw(sturdy.daemon.port, head);
      expect(text === '' ? closed : /^HTTP\/1\.[01] [45]\d\d /.test(text), `closed: ${closed}, ${text.slice(0, 200)}`).toBe(true);
      expect(text).not.toContain('root:x:0');
    });
  }
});
