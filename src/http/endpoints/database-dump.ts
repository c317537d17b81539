import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toApiError } from '../../model/error.js';
import type { EndpointHandler, EndpointRequest } from '../endpoint.js';

/** `GET /pool/xmldbdump`: the whole database as XML. `dump` gives it as of the moment of the call, piece by piece. */
export function databaseDumpEndpoints(dump: () => Iterable<string>): Record<'get_pool_xml_db_sync', EndpointHandler> {
  return { get_pool_xml_db_sync: (request, res) => send(dump, request, res) };
}

async function send(dump: () => Iterable<string>, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const task = await request.beginTask('Dump of the database');
  res.setHeader('task-id', task.ref);
  try {
    res.writeHead(200, {
      'Content-Type': 'text/xml',
      // Secrets of the pool are in it.
      'Cache-Control': 'no-cache, no-store',
      // The end of the connection is the end of the text for clients that speak HTTP/1.0.
      Connection: 'close',
    });
    await pipeline(Readable.from(dump(), { objectMode: true }), res);
  } catch (error) {
    await task.fail(toApiError(error));
    throw error;
  }
  await task.succeed();
}
