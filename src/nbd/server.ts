import net from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { listenOnPort } from '../http/listeners.js';
import { ApiError } from '../model/error.js';
import { NbdProtocolError } from '../wire/nbd/protocol-error.js';
import type { Exports, Security } from './exports.js';
import { shakeHands } from './handshake.js';
import { type NbdLimits, nbdLimits } from './limits.js';
import { Line, LineClosed } from './line.js';
import { serveRequests } from './requests.js';

/** Milliseconds after which the system asks a silent client whether it is still there. */
const KEEP_ALIVE_PROBE_AFTER = 60_000;
/** Milliseconds that a client has to take the last bytes that are for it. */
const FAREWELL = 2000;

/** What the server of disks needs. */
export interface NbdOptions {
  /** Address to listen on. */
  readonly bind: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Port to take when that one is in use or not permitted. */
  readonly fallbackPort?: number;
  readonly exports: Exports;
  /** Key and certificate as they are now: asked for with each connection that begins TLS. */
  readonly secureContext: () => Promise<SecureContext>;
  readonly logger: Logger;
  readonly limits?: Partial<NbdLimits>;
}

/** The server while it serves. */
export interface RunningNbd {
  readonly port: number;
  /** Ends all connections; resolves when their disks are free. */
  close(): Promise<void>;
}

/** Opens the listener. Rejects when it cannot be had. */
export async function startNbd(options: NbdOptions): Promise<RunningNbd> {
  const { logger, bind, exports } = options;
  const limits = { ...nbdLimits, ...options.limits };
  const lines = new Map<Line, Promise<void>>();
  const server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_AFTER }, (socket) => {
    const address = plain(socket.remoteAddress);
    const line = new Line(socket);
    const security = exports.security(plain(socket.localAddress));
    if (security === undefined) {
      logger.info({ address }, 'NBD: a client came where no network offers disks');
      line.destroy();
      return;
    }
    const work = serve(line, security, { ...options, limits }).catch((thrown: unknown) => tell(logger, address, thrown));
    lines.set(line, work);
    void work.finally(() => {
      line.destroy();
      lines.delete(line);
    });
  });
  server.maxConnections = limits.connections;
  const port = await listenOnPort(server, bind, options.port, options.fallbackPort, logger);
  return {
    port,
    async close() {
      server.close();
      const works = [...lines.values()];
      for (const line of lines.keys()) line.destroy();
      await Promise.all(works);
    },
  };
}

type Serving = NbdOptions & { readonly limits: NbdLimits };

/** One client, from its first byte to its end. */
async function serve(line: Line, security: Security, { exports, secureContext, limits }: Serving): Promise<void> {
  const timer = setTimeout(() => line.destroy(), limits.handshakeTime);
  const agreement = await shakeHands({ line, exports, security, secureContext, limits }).finally(() => clearTimeout(timer));
  if (agreement) {
    const { disk } = agreement;
    const end = () => line.destroy();
    disk.ended.addEventListener('abort', end);
    try {
      if (!disk.ended.aborted) await serveRequests(line, agreement, limits);
    } finally {
      disk.ended.removeEventListener('abort', end);
      await disk.close();
    }
  }
  await line.end(FAREWELL);
}

function tell(logger: Logger, address: string, thrown: unknown): void {
  if (thrown instanceof LineClosed) logger.debug({ address }, 'NBD: a client has gone');
  // What a refusal is about may be a session: its code is enough.
  else if (thrown instanceof ApiError) logger.info({ address, code: thrown.code }, 'NBD: a client was refused');
  else if (thrown instanceof NbdProtocolError) logger.info({ address, reason: thrown.message }, 'NBD: connection dropped');
  else logger.error({ err: thrown, address }, 'NBD: a connection failed');
}

function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
