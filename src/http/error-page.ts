import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { httpLimits } from './limits.js';

/** A refusal at the level of HTTP: becomes a status line and a page for people. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Text of a status line. The original server says `Internal Error` with 500, and clients show it. */
export function reasonPhrase(status: number): string {
  return status === 500 ? 'Internal Error' : (STATUS_CODES[status] ?? 'Error');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** The HTML page of a refusal. */
export function errorPage(status: number, message: string): string {
  const title = `${status} ${reasonPhrase(status)}`;
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${escaped(message)}</p></body></html>\n`;
}

/** Replies whose handler ends them, though it has failed. */
const ending = new WeakSet<ServerResponse>();

/** Says of a reply that has begun that it lacks nothing when its handler fails, and that the handler ends it in time. */
export function endsByItself(res: ServerResponse): void {
  ending.add(res);
}

/**
 * Answers a request with a page and closes the connection afterwards: after a refusal nobody knows what the client
 * takes the rest of its bytes for. Does nothing but close when a reply has begun.
 */
export function sendErrorPage(res: ServerResponse, error: HttpError): void {
  if (res.headersSent) {
    if (!ending.has(res)) res.destroy();
    return;
  }
  if (res.socket && !res.req.complete) lingerOnClose(res.socket);
  const page = errorPage(error.status, error.message);
  // Headers that were set for a reply that does not come must not go out with this one.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.shouldKeepAlive = false;
  res.writeHead(error.status, reasonPhrase(error.status), {
    ...error.headers,
    'Content-Type': 'text/html',
    'Content-Length': String(Buffer.byteLength(page)),
    'Cache-Control': 'no-cache, no-store',
    Connection: 'close',
  });
  res.end(res.req.method === 'HEAD' ? undefined : page);
}

/**
 * Makes the end of a connection gentle while its client is still sending a body that nobody wants: our side is closed
 * and the rest thrown away, since an abrupt end would make the client's system drop the reply unread.
 */
function lingerOnClose(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), httpLimits.lingerTime);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  };
}

/** The same on a socket that no HTTP server speaks on: after CONNECT, and when the request could not be parsed. */
export function endWithErrorPage(socket: Duplex, error: HttpError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const page = errorPage(error.status, error.message);
  const headers = {
    ...error.headers,
    'Content-Type': 'text/html',
    'Content-Length': String(Buffer.byteLength(page)),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${error.status} ${reasonPhrase(error.status)}\r\n${lines.join('')}\r\n${page}`, () => socket.destroy());
}
