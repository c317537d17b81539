import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { BodyContext } from './body.js';
import { parseTarget } from './credentials.js';
import { type EndpointHandler, EndpointRequest, type EndpointServices, notServed, toHttpError } from './endpoint.js';
import { HttpError, sendErrorPage } from './error-page.js';
import type { HttpMetrics } from './metrics.js';
import { findEndpoint } from './routes.js';

/** Whether the daemon can serve calls, and why not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** What the application needs. */
export interface ApplicationOptions extends EndpointServices {
  /** Handlers by the name of their endpoint in the model. */
  readonly handlers: ReadonlyMap<string, EndpointHandler>;
  readonly contextOf: (req: IncomingMessage) => BodyContext | undefined;
  readonly ready: () => Readiness;
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
}

/** Everything over HTTP that is no call of the API: the model's endpoints, and what operators look at. */
export function makeApplication(options: ApplicationOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_req, res) => sendText(res, 200, 'ok\n'));
  app.get('/readyz', (_req, res) => {
    const state = options.ready();
    sendText(res, state.ready ? 200 : 503, state.ready ? 'ready\n' : `not ready: ${state.reason}\n`);
  });
  app.get('/metrics', async (_req, res) => {
    sendText(res, 200, await options.metrics.registry.metrics(), options.metrics.registry.contentType);
  });
  app.get('/', (_req, res) => sendText(res, 200, ROOT_PAGE, 'text/html'));
  app.options(/.*/, (req, res) => answerPreflight(req, res, options.metrics));
  app.use((req: IncomingMessage, res: ServerResponse) => dispatch(req, res, options));
  app.use((error: unknown, _req: IncomingMessage, res: ServerResponse, _next: unknown) => {
    // Express reports a path that cannot be decoded in this way.
    const ours = !(error instanceof Error && 'status' in error && error.status === 400);
    if (ours) options.logger.error({ err: error }, 'the HTTP application has failed');
    sendErrorPage(res, ours ? toHttpError(error) : new HttpError(400, 'the path cannot be read'));
  });
  return app;
}

/** Methods that some path is served for. */
const METHODS = new Set(['GET', 'PUT', 'POST', 'OPTIONS', 'HEAD']);

const ROOT_PAGE =
  '<!DOCTYPE html><html><head><title>XenAPI gateway</title></head><body><h1>XenAPI gateway</h1>' +
  '<p>This server speaks XenAPI: XML-RPC at <code>/</code> and JSON-RPC at <code>/jsonrpc</code>.</p></body></html>\n';

function sendText(res: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  res.writeHead(status, {
    'Content-Type': type,
    'Content-Length': String(Buffer.byteLength(text)),
    'Cache-Control': 'no-cache, no-store',
  });
  res.end(text);
}

/** Lets pages of any origin make calls: a call carries its session in the body, so that no cookie can be abused. */
function answerPreflight(req: IncomingMessage, res: ServerResponse, metrics: HttpMetrics): void {
  const asked = req.headers['access-control-request-headers'];
  metrics.countRequest('options', 200);
  res.writeHead(200, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': asked ? `${asked}, X-Requested-With` : 'X-Requested-With',
    'Access-Control-Allow-Methods': 'PUT',
    'Content-Length': '0',
  });
  res.end();
}

/** Finds the endpoint of a request, sees to credentials and roles, and lets its handler answer. Never rejects. */
async function dispatch(req: IncomingMessage, res: ServerResponse, options: ApplicationOptions): Promise<void> {
  const target = parseTarget(req.url ?? '/');
  const endpoint = findEndpoint(req.method ?? '', target.path);
  const context = options.contextOf(req);
  if (!context) {
    res.destroy();
    return;
  }
  if (!endpoint || (endpoint.path === '/' && !options.handlers.has(endpoint.name))) {
    const [status, message] = METHODS.has(req.method ?? '')
      ? [404, 'there is nothing under this path']
      : [405, 'this method is not served'];
    options.metrics.countRequest('other', status as number);
    sendErrorPage(res, new HttpError(status as number, message as string));
    return;
  }
  const request = new EndpointRequest(endpoint, req, target, context, options, options.logger);
  let failure: unknown;
  try {
    if (!endpoint.open) await request.authorize();
    const handler = options.handlers.get(endpoint.name);
    if (!handler) throw notServed(endpoint);
    await handler(request, res);
  } catch (error) {
    failure = error;
    const refusal = toHttpError(error);
    if (refusal.status === 500 && !res.destroyed) request.logger.error({ err: error }, 'request failed');
    else request.logger.debug({ status: refusal.status, reason: refusal.message }, 'request refused');
    sendErrorPage(res, refusal);
  }
  options.metrics.countRequest(endpoint.name, res.statusCode);
  try {
    await request.end(failure);
  } catch (error) {
    request.logger.error({ err: error }, 'the end of a request has failed');
  }
}
