import { chmod, stat, unlink } from 'node:fs/promises';
import net from 'node:net';
import tls, { type SecureVersion } from 'node:tls';
import type { Logger } from 'pino';
import type { Certificate } from './certificate.js';
import type { Peer } from './connection.js';
import type { HttpLimits } from './limits.js';

/** Where accepted connections go. */
export type Accept = (socket: net.Socket, peer: Peer) => void;

/** What all listeners have in common. */
export interface ListenerOptions {
  readonly accept: Accept;
  readonly limits: HttpLimits;
  readonly logger: Logger;
}

/** Longest path of a Unix socket that Linux can bind. */
const UNIX_PATH_LIMIT = 107;

const KEEP_ALIVE_PROBE_AFTER = 60_000;

function socketOptions(options: ListenerOptions) {
  // Half-open: a client may close its side after the request and still read the reply.
  return {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_AFTER,
    handshakeTimeout: options.limits.handshakeTime,
  };
}

function addressOf(socket: net.Socket): string {
  return (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

/** A listener for plain HTTP and whatever else comes in clear. */
export function plainServer(options: ListenerOptions): net.Server {
  const server = net.createServer(socketOptions(options), (socket) =>
    options.accept(socket, { listener: 'http', local: false, address: addressOf(socket) }),
  );
  server.maxConnections = options.limits.connections;
  return server;
}

/**
 * A listener for TLS. Connections that fail or linger in the handshake are closed. `open` gets the sockets under
 * the TLS connections, those included that are still shaking hands and that nobody else knows.
 */
export function tlsServer(
  options: ListenerOptions,
  certificate: Certificate,
  minVersion: SecureVersion,
  open: Set<net.Socket>,
): tls.Server {
  const server = tls.createServer(
    { ...socketOptions(options), key: certificate.key, cert: certificate.cert, minVersion },
    (socket) => options.accept(socket, { listener: 'https', local: false, address: addressOf(socket) }),
  );
  server.maxConnections = options.limits.connections;
  server.on('connection', (socket: net.Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    options.logger.debug({ address: addressOf(socket), error: error.message }, 'TLS handshake failed');
    socket.destroy();
  });
  return server;
}

/** A listener for the Unix socket, whose peers are trusted as root. */
export function unixServer(options: ListenerOptions): net.Server {
  const server = net.createServer(socketOptions(options), (socket) =>
    options.accept(socket, { listener: 'unix', local: true, address: 'unix' }),
  );
  server.maxConnections = options.limits.connections;
  return server;
}

function listen(server: net.Server, where: net.ListenOptions, logger: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      // Later errors are of single connections that could not be accepted, for want of descriptors mostly.
      server.on('error', (error) => logger.error({ err: error }, 'a connection could not be accepted'));
      resolve();
    });
  });
}

/** Port of a TCP listener that listens. */
export function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP listener');
  return address.port;
}

/**
 * Listens on a TCP port, or on `fallback` when the first may not be had. Resolves to the real port; rejects with an
 * error that names address and port.
 */
export async function listenOnPort(
  server: net.Server,
  host: string,
  port: number,
  fallback: number | undefined,
  logger: Logger,
): Promise<number> {
  try {
    await listen(server, { host, port }, logger);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (fallback === undefined || (code !== 'EACCES' && code !== 'EADDRINUSE'))
      throw new Error(`cannot listen on ${host} port ${port}: ${reasonOf(code, error)}`, { cause: error });
    logger.warn({ host, port, fallback }, `port ${port} is ${reasonOf(code, error)}: listening on port ${fallback} instead`);
    return listenOnPort(server, host, fallback, undefined, logger);
  }
  return portOf(server);
}

function reasonOf(code: unknown, error: unknown): string {
  if (code === 'EACCES') return 'not permitted to this user';
  if (code === 'EADDRINUSE') return 'in use';
  return error instanceof Error ? error.message : String(error);
}

/**
 * Listens on a Unix socket that only this user can open. A socket left behind by a daemon that was killed is replaced;
 * rejects when one that answers, or something that is no socket, has the path.
 */
export async function listenOnUnixSocket(server: net.Server, path: string, logger: Logger): Promise<void> {
  if (Buffer.byteLength(path) > UNIX_PATH_LIMIT)
    throw new Error(`the path of the Unix socket is longer than ${UNIX_PATH_LIMIT} bytes: ${path}`);
  await removeStaleSocket(path);
  // With the mask there is no moment at which somebody else could connect. The call binds before it returns.
  const mask = process.umask(0o177);
  try {
    const listening = listen(server, { path }, logger);
    process.umask(mask);
    await listening;
  } finally {
    process.umask(mask);
  }
  await chmod(path, 0o600);
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket()) throw new Error(`${path} exists and is no socket`);
  const alive = await new Promise<boolean>((resolve) => {
    const probe = net.connect({ path });
    probe.once('connect', () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('close', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
  if (alive) throw new Error(`another process listens on ${path}`);
  await unlink(path);
}
