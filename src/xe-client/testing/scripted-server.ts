import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { Peer } from './peer.js';

/** What a server does with command lines (after the greeting) and with other requests (after their head). */
export interface Script {
  readonly cli?: (peer: Peer, words: readonly string[]) => Promise<void> | void;
  readonly http?: (peer: Peer) => Promise<void> | void;
  /** Takes connections as they come. */
  readonly raw?: (peer: Peer) => Promise<void> | void;
}

/** A server that does what a test tells it. */
export interface ScriptedServer {
  readonly port: number;
  /** The options that lead to it. */
  readonly options: readonly string[];
  /** Whatever went wrong in a script. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

/** Starts a server on a port of its own, or on a Unix socket. */
export async function startScripted(script: Script, path?: string): Promise<ScriptedServer> {
  return listen((handle) => createServer({ allowHalfOpen: true }, handle), script, ['-s', '127.0.0.1'], path);
}

/** The same behind TLS, with a certificate that it has made itself. */
export async function startScriptedTls(script: Script): Promise<ScriptedServer & { readonly certificate: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'scripted' }], { keySize: 2048 });
  const server = await listen((handle) => createTlsServer({ key, cert }, handle), script, ['-s', 'localhost']);
  return { ...server, certificate: cert };
}

async function listen(
  create: (handle: (socket: Socket) => void) => Server,
  script: Script,
  options: readonly string[],
  path?: string,
): Promise<ScriptedServer> {
  const errors: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = create((socket) => {
    sockets.add(socket);
    serve(new Peer(socket), script).catch((thrown: unknown) => {
      errors.push(thrown);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => (path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve)));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    options: [...options, '-p', String(port)],
    errors,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function serve(peer: Peer, { cli, http, raw }: Script): Promise<void> {
  if (raw) return raw(peer);
  await peer.readHead();
  if (!peer.head.startsWith('POST /cli ')) return http?.(peer);
  const words = await peer.words();
  await peer.greet();
  await cli?.(peer, words);
}
