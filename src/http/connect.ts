import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { BodyContext } from './body.js';
import { parseTarget } from './credentials.js';
import { EndpointRequest, type EndpointServices, notServed, toHttpError } from './endpoint.js';
import { endWithErrorPage, HttpError } from './error-page.js';
import type { HttpMetrics } from './metrics.js';
import { findEndpoint } from './routes.js';

/**
 * Serves a CONNECT that was authorized: writes the head of the reply itself, then speaks what it likes. Resolves when it
 * has no more use for the session, which ends then if it was made for the request.
 */
export type ConnectHandler = (request: EndpointRequest, socket: Duplex, firstBytes: Buffer) => Promise<void>;

/** What dispatching a CONNECT needs. */
export interface ConnectOptions extends EndpointServices {
  readonly handlers: ReadonlyMap<string, ConnectHandler>;
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
}

/**
 * Answers `CONNECT /path`, which clients send with a path where HTTP has host and port, and `GET /path` with an upgrade to another
 * protocol. What is refused gets a page and the end of the connection.
 */
export async function dispatchConnect(
  req: IncomingMessage,
  socket: Duplex,
  firstBytes: Buffer,
  context: BodyContext,
  options: ConnectOptions,
): Promise<void> {
  context.connection.takeOver();
  const target = parseTarget(req.url ?? '/');
  const endpoint = findEndpoint(req.method ?? '', target.path);
  if (!endpoint) {
    options.metrics.countRequest('other', 404);
    endWithErrorPage(socket, new HttpError(404, 'there is nothing to connect to under this path'));
    return;
  }
  const request = new EndpointRequest(endpoint, req, target, context, options, options.logger);
  let failure: unknown;
  try {
    await request.authorize();
    const handler = options.handlers.get(endpoint.name);
    if (!handler) throw notServed(endpoint);
    await handler(request, socket, firstBytes);
  } catch (error) {
    failure = error;
    const refusal = toHttpError(error);
    if (refusal.status === 500) request.logger.error({ err: error }, `${req.method} failed`);
    endWithErrorPage(socket, refusal);
  }
  options.metrics.countRequest(endpoint.name, failure === undefined ? 200 : toHttpError(failure).status);
  await request.end(failure);
}
