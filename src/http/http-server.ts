import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { RpcService } from '../api/rpc.js';
import { makeApplication, type Readiness } from './application.js';
import type { BodyContext } from './body.js';
import { type ConnectHandler, dispatchConnect } from './connect.js';
import type { ConnectionTable } from './connection.js';
import { parseTarget } from './credentials.js';
import type { EndpointHandler, EndpointServices } from './endpoint.js';
import { endWithErrorPage, HttpError } from './error-page.js';
import type { HttpLimits } from './limits.js';
import type { HttpMetrics } from './metrics.js';
import { rpcFormat } from './routes.js';
import { RpcHandler } from './rpc.js';

/** What the HTTP server is put together from. */
export interface HttpServerOptions extends EndpointServices {
  readonly rpc: RpcService;
  readonly ready: () => Readiness;
  /** Handlers by the names of their endpoints. */
  readonly handlers: ReadonlyMap<string, EndpointHandler>;
  readonly connectHandlers: ReadonlyMap<string, ConnectHandler>;
  readonly connections: ConnectionTable;
  readonly limits: HttpLimits;
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
  /**
   * Whether requests may upgrade to another protocol. node:http then takes every request that offers one for such, and some clients
   * offer HTTP/2 with each call: so this is for connections that begin with the path of a console.
   */
  readonly upgrades: boolean;
}

/** A node:http server that is given its connections (`emit('connection', socket)`) and never listens itself. */
export function makeHttpServer(options: HttpServerOptions): http.Server {
  const { connections, limits, logger } = options;
  const contextOf = (socket: Duplex): BodyContext | undefined => {
    const connection = connections.of(socket);
    return connection && { connection, connections, limits };
  };
  const rpc = new RpcHandler(options);
  const application = makeApplication({ ...options, contextOf: (req) => contextOf(req.socket) });
  const server = http.createServer(
    {
      requireHostHeader: false,
      maxHeaderSize: limits.head,
      headersTimeout: limits.headTime,
      // Bodies have limits of their own: an import may take hours, a call may not.
      requestTimeout: 0,
      keepAliveTimeout: limits.idleTime,
      connectionsCheckingInterval: limits.sweepInterval,
    },
    (req, res) => {
      const connection = connections.of(req.socket);
      if (!connection) {
        res.destroy();
        return;
      }
      connection.begin(req);
      res.once('close', () => connection.finish());
      if (req.httpVersionMinor === 0) answerAsHttp10(res);
      const format = req.method === 'POST' ? rpcFormat(pathOf(req)) : undefined;
      if (format) rpc.handle(req, res, connection, format);
      else application(req, res);
    },
  );
  // A client may close its side after the request: it gets its reply. (Not in the types, and older than them.)
  Object.assign(server, { httpAllowHalfOpen: true });
  const takeOver = (req: IncomingMessage, socket: Duplex, firstBytes: Buffer): void => {
    const context = contextOf(socket);
    if (!context) {
      socket.destroy();
      return;
    }
    dispatchConnect(req, socket, firstBytes, context, { ...options, handlers: options.connectHandlers }).catch((error) => {
      logger.error({ err: error }, 'CONNECT failed');
      socket.destroy();
    });
  };
  server.on('connect', takeOver);
  if (options.upgrades) server.on('upgrade', takeOver);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerBadRequest(error, socket, connections));
  // The server starts its watch over slow heads when it listens, which it never does.
  server.emit('listening');
  return server;
}

/** Path of a request, without building anything for the usual ones. */
function pathOf(req: IncomingMessage): string {
  const url = req.url ?? '/';
  return url.startsWith('/') && !url.includes('?') ? url : parseTarget(url).path;
}

/** Answers what the parser could not take, unless replies to earlier requests are due: those come first and are the last. */
function answerBadRequest(error: NodeJS.ErrnoException, socket: Duplex, connections: ConnectionTable): void {
  const connection = connections.of(socket);
  if (connection?.onlyRepliesDue) {
    connection.end();
    return;
  }
  const status = STATUS_OF_ERROR[error.code ?? ''] ?? 400;
  if (error.code === 'ECONNRESET' || (connection && connection.inFlight > 0)) socket.destroy();
  else endWithErrorPage(socket, new HttpError(status, 'this is no request that the server can read'));
}

const STATUS_OF_ERROR: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

interface HeadWriter {
  _storeHeader(this: ServerResponse, firstLine: string, headers: unknown): void;
}

function isHeadWriter(res: object): res is HeadWriter {
  return '_storeHeader' in res && typeof res._storeHeader === 'function';
}

/**
 * Answers with the version that was asked: node:http writes HTTP/1.1 in every status line, the original does not, and
 * clients that speak HTTP/1.0 by hand look at it. Set on the object since express exchanges its prototype.
 */
function answerAsHttp10(res: ServerResponse): void {
  const writer: object = res;
  if (!isHeadWriter(writer)) return;
  const store = writer._storeHeader;
  writer._storeHeader = function (this: ServerResponse, firstLine, headers) {
    store.call(this, firstLine.replace('HTTP/1.1', 'HTTP/1.0'), headers);
  };
}
