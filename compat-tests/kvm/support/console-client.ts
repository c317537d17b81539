import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import WebSocket, { createWebSocketStream } from 'ws';
import { readScreen, type Screen } from '../../../src/http/console/screen.js';

/** How old viewers know that the console follows: this many bytes, whatever is in them. */
const HEAD_LENGTH = 78;

/** Opens a console by CONNECT as old viewers do: a bare request, a head of a fixed length, then the console's own bytes. */
export async function connectConsole(location: string, session: string, address: string): Promise<Duplex> {
  const { hostname, port } = new URL(address);
  const { pathname, search } = new URL(location);
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write(`CONNECT ${pathname}${search}&session_id=${session} HTTP/1.0\r\n\r\n`);
  const head = await take(socket, HEAD_LENGTH);
  if (!/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s.test(head)) throw new Error(`no console: ${head}`);
  return socket;
}

/** Opens a console by WebSocket as viewers in browsers do. */
export async function webSocketConsole(location: string, session: string, address: string): Promise<Duplex> {
  const { host } = new URL(address);
  const { pathname, search } = new URL(location);
  const socket = new WebSocket(`wss://${host}${pathname}${search}&session_id=${session}`, ['binary'], {
    rejectUnauthorized: false,
  });
  const stream = createWebSocketStream(socket);
  await once(socket, 'open');
  if (socket.protocol !== 'binary') throw new Error(`the console speaks "${socket.protocol}"`);
  return stream;
}

async function take(stream: Duplex, length: number): Promise<string> {
  for (;;) {
    const head: Buffer | null = stream.read(length);
    if (head) return head.toString('latin1');
    if (stream.readableEnded) throw new Error('the connection ended before the console was open');
    await Promise.race([once(stream, 'readable'), once(stream, 'end')]);
  }
}

/** How many colours a console shows; ends it. */
export async function coloursOn(console: Duplex): Promise<number> {
  return colours(await readScreen(console));
}

/** How many colours a picture has. */
export function colours({ data }: Pick<Screen, 'data'>): number {
  const seen = new Set<number>();
  for (let at = 0; at + 4 <= data.length; at += 4) seen.add(data.readUInt32BE(at));
  return seen.size;
}
