import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskHandle } from '../../api/tasks.js';
import { ApiError } from '../../model/error.js';
import { declaredLength, endsWithConnection, readUpload } from '../body.js';
import type { EndpointRequest } from '../endpoint.js';
import { endsByItself, HttpError } from '../error-page.js';

/** Bytes that a client may have sent behind the end of what is read: files are often filled up to a multiple of some size. */
const REST = 1024 * 1024;

/**
 * Whether a request only asks if an upload would be taken: without content, and without a task that it could end. Xen Orchestra
 * sends one before each upload.
 */
export function isProbe(request: EndpointRequest): boolean {
  return declaredLength(request.req) === 0 && request.taskId === undefined;
}

/** Throws HttpError for a body that comes in chunks, or whose end nothing tells. `refusal` is what the client's task ends with. */
export function assertHasEnd({ req }: EndpointRequest, refusal: ApiError): void {
  if (endsWithConnection(req)) return;
  if (req.headers['transfer-encoding'] !== undefined)
    throw new HttpError(403, 'this upload cannot come in chunks', {}, { cause: refusal });
  if (declaredLength(req) === undefined) throw new HttpError(411, 'this upload needs a Content-Length');
}

/**
 * Takes an upload whose outcome only its task tells. The head of the reply goes out before anything is read, because most clients
 * wait for it; the reply ends when `take` has ended. A body that breaks off ends with IMPORT_ERROR_PREMATURE_EOF; one that does not
 * come is not waited for any more when somebody cancels the task.
 */
export async function takeUpload(
  request: EndpointRequest,
  res: ServerResponse,
  task: TaskHandle,
  take: (body: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  res.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Cache-Control': 'no-cache, no-store',
    Connection: 'close',
  });
  res.flushHeaders();
  const body = readUpload(request.req, request.context);
  const end = async (most: number): Promise<void> => {
    await Promise.race([passOver(body, most), sleep(request.context.limits.lingerTime, undefined, { ref: false })]);
    res.end();
    // Waits for what is being read at the moment, which may never come.
    void body.return();
  };
  try {
    await take(takenFrom(body, task));
    await end(REST);
  } catch (thrown) {
    // The task tells why at once. Clients that send on for a while look there after that: they must not find the connection broken.
    endsByItself(res);
    void end(Number.POSITIVE_INFINITY);
    throw thrown;
  }
}

/** A body that its reader may leave before its end: closing it would close the connection, with the reply on it. */
function takenFrom(body: AsyncGenerator<Buffer, void, void>, task: TaskHandle): AsyncIterable<Buffer> {
  let stop: (error: ApiError) => void = () => undefined;
  task.signal.addEventListener('abort', () => stop(new ApiError('TASK_CANCELLED', task.ref)), { once: true });
  const next = async (): Promise<IteratorResult<Buffer, void>> => {
    task.check();
    try {
      return await new Promise((resolve, reject) => {
        stop = reject;
        body.next().then(resolve, reject);
      });
    } catch (thrown) {
      if (thrown instanceof HttpError) throw new ApiError('IMPORT_ERROR_PREMATURE_EOF');
      throw thrown;
    }
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/** Reads what a client sends behind the end, up to so many bytes, so that it gets to the reply. What goes wrong there does not matter. */
async function passOver(body: AsyncGenerator<Buffer, void, void>, most: number): Promise<void> {
  try {
    for (let left = most; left > 0; ) {
      const { done, value } = await body.next();
      if (done) return;
      left -= value.length;
    }
  } catch {
    // It has closed the connection.
  }
}
