import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { send } from './upload.js';

const content = randomBytes(4 * 2 ** 20);

let server: Server;
/** Bytes after which the server ends its side. */
let enough: number;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    let taken = 0;
    socket.on('data', (data) => {
      taken += data.length;
      if (taken >= enough && !socket.writableEnded) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

/** A file in pieces, as they come from a disk. */
function pieces(): Readable {
  return Readable.from(Array.from({ length: 64 }, (_, i) => content.subarray(i * 65_536, (i + 1) * 65_536)));
}

it.each([
  ['as soon as it has everything', content.length],
  ['in the middle, and reads on', content.length / 4],
])('comes to its end when the server ends its side %s', async (_, bytes) => {
  enough = bytes;
  for (let i = 0; i < 20; i++) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    await send({ size: content.length, bytes: pieces() }, socket);
    socket.destroy();
  }
});

it('says so when the server breaks the connection', async () => {
  enough = content.length;
  server.on('connection', (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  // More than what the system takes before it has heard of that.
  const endless = Readable.from(Array.from({ length: 100 }, () => content));
  await expect(send({ size: undefined, bytes: endless }, socket)).rejects.toMatchObject({
    message: expect.stringMatching(/^Operation failed/),
  });
});
