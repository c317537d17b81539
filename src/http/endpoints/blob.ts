import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { toApiError } from '../../model/error.js';
import { declaredLength, endsWithConnection, readUploadUpTo } from '../body.js';
import type { EndpointHandler, EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import type { BlobAccess, BlobInfo } from './blob-access.js';

/** `GET /blob` and `PUT /blob`: content of blobs, by `ref` or `uuid`. */
export function blobEndpoints(blobs: BlobAccess): Record<'get_blob' | 'put_blob', EndpointHandler> {
  return {
    get_blob: (request, res) => getBlob(blobs, request, res),
    put_blob: (request, res) => putBlob(blobs, request, res),
  };
}

/** A type as it may stand in a header: what clients have put into the database is not trusted to be one. */
const MIME_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w.+-]+)*$/;

function mimeType(blob: BlobInfo): string {
  return MIME_TYPE.test(blob.mimeType) ? blob.mimeType : 'application/octet-stream';
}

function findBlob(blobs: BlobAccess, request: EndpointRequest): BlobInfo | undefined {
  const id = request.query.get('ref') || request.query.get('uuid');
  return id ? blobs.find(id) : undefined;
}

async function getBlob(blobs: BlobAccess, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const blob = findBlob(blobs, request);
  // Whether a blob exists is not for strangers either, so that an unknown one asks for credentials first.
  const known = !blob?.public || request.showsCredentials;
  if (known) await request.authorize();
  if (!blob) throw new HttpError(404, 'there is no such blob');
  const send = async () => {
    const found = await blobs.read(blob.ref);
    if (!found) throw new HttpError(404, 'the blob has no content');
    res.writeHead(200, {
      'Content-Type': mimeType(blob),
      'Content-Length': String(found.size),
      'Cache-Control': 'no-cache, no-store',
      // Whoever may write a blob must not get a script into the origin of the management pages with it.
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': 'sandbox',
    });
    await pipeline(found.content, res);
  };
  if (known) await withTask(request, res, 'Download of a blob', send);
  else await send();
}

async function putBlob(blobs: BlobAccess, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const blob = findBlob(blobs, request);
  if (!blob) throw new HttpError(404, 'there is no such blob');
  const most = request.context.limits.blob;
  const size = declaredLength(request.req);
  if (size === undefined && !endsWithConnection(request.req))
    throw new HttpError(411, 'the content of a blob needs a Content-Length');
  if (size !== undefined && size > most) throw new HttpError(413, `a blob may have ${most} bytes`);
  await withTask(request, res, 'Upload of a blob', async () => {
    // xe, XenCenter and others that speak HTTP/1.0 wait for the head of the reply before they send the body.
    if (request.req.httpVersionMinor === 0) {
      res.writeHead(200, { Connection: 'close' });
      res.flushHeaders();
    }
    await blobs.write(blob.ref, readUploadUpTo(most, request.req, request.context));
  });
  if (!res.headersSent) res.writeHead(200, { 'Content-Length': '0' });
  res.end();
}

/** Does the work of a request under its task. */
async function withTask(request: EndpointRequest, res: ServerResponse, label: string, work: () => Promise<void>): Promise<void> {
  const task = await request.beginTask(label);
  res.setHeader('task-id', task.ref);
  try {
    await work();
  } catch (error) {
    await task.fail(toApiError(error));
    throw error;
  }
  await task.succeed();
}
