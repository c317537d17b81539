import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { ServedDocuments } from '../../api/measurements/served-documents.js';
import { toApiError } from '../../model/error.js';
import { rrdJson, rrdXml } from '../../wire/rrd/rrd.js';
import { xportJson, xportXml } from '../../wire/rrd/xport.js';
import type { EndpointHandler, EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import { rrdFormat, wantedOwners, wantedRows } from './rrd-query.js';

type RrdEndpoint = 'vm_rrd' | 'get_vm_rrds' | 'host_rrd' | 'get_host_rrds' | 'sr_rrd' | 'rrd_updates';

const CONTENT_TYPES = { xml: 'text/xml', json: 'application/json' } as const;

/** `GET /rrd_updates`, `/vm_rrd`, `/host_rrd`, `/sr_rrd` and their older names: what was measured. */
export function rrdEndpoints(documents: ServedDocuments): Record<RrdEndpoint, EndpointHandler> {
  const ofVm: EndpointHandler = (request, res) => sendAll(documents, request, res, 'vm', uuidOf(request));
  const ofHost: EndpointHandler = (request, res) => sendAll(documents, request, res, 'host', hostOf(documents, request));
  const ofSr: EndpointHandler = (request, res) => sendAll(documents, request, res, 'sr', uuidOf(request));
  return {
    vm_rrd: ofVm,
    get_vm_rrds: ofVm,
    host_rrd: ofHost,
    get_host_rrds: ofHost,
    sr_rrd: ofSr,
    rrd_updates: (request, res) => sendRecent(documents, request, res),
  };
}

async function sendRecent(documents: ServedDocuments, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const { query } = request;
  const host = documents.hostAt(addressesOf(request));
  const document = await documents.recent(host, wantedOwners(query), wantedRows(query));
  if (!document) throw new HttpError(503, 'nothing has been measured yet');
  const format = rrdFormat(request);
  await send(request, res, CONTENT_TYPES[format], format === 'json' ? xportJson(document) : xportXml(document));
}

async function sendAll(
  documents: ServedDocuments,
  request: EndpointRequest,
  res: ServerResponse,
  kind: 'vm' | 'host' | 'sr',
  uuid: string,
): Promise<void> {
  const document = await documents.all({ kind, uuid });
  if (!document) throw new HttpError(404, 'nothing has been measured of it');
  const format = rrdFormat(request);
  await send(request, res, CONTENT_TYPES[format], format === 'json' ? rrdJson(document) : rrdXml(document));
}

function uuidOf({ query }: EndpointRequest): string {
  const uuid = query.get('uuid');
  if (!uuid) throw new HttpError(400, 'the parameter uuid is missing');
  return uuid;
}

/** The host that a request names, else the one that it came to. */
function hostOf(documents: ServedDocuments, request: EndpointRequest): string {
  return request.query.get('uuid') || documents.hostUuid(documents.hostAt(addressesOf(request)));
}

/** Addresses under which a client has reached this daemon: the one that it was told, and the one of the connection. */
function addressesOf({ headers, req }: EndpointRequest): readonly (string | undefined)[] {
  return [headers.host?.replace(/:\d+$/, ''), req.socket.localAddress?.replace(/^::ffff:/, '')];
}

/**
 * Sends a document piece by piece; between two pieces others get their turn. A task is driven only when the client has named one:
 * clients ask every few seconds, and nobody wants to see a task for that.
 */
async function send(request: EndpointRequest, res: ServerResponse, type: string, pieces: Iterable<string>): Promise<void> {
  const task = request.taskId === undefined ? undefined : await request.beginTask('Measurements');
  if (task) res.setHeader('task-id', task.ref);
  try {
    res.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache, no-store' });
    await pipeline(Readable.from(unhurried(pieces), { objectMode: true }), res);
  } catch (error) {
    await task?.fail(toApiError(error));
    throw error;
  }
  await task?.succeed();
}

async function* unhurried(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await setImmediate();
  }
}
