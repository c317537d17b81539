import type { ServerResponse } from 'node:http';
import { ApiError, toApiError } from '../../model/error.js';
import type { HttpTask } from '../authenticator.js';
import type { EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';

/** Does something that comes before the reply; what the API refuses there becomes a page with this status. */
export function refusedAs<T>(status: number, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof ApiError) throw new HttpError(status, thrown.message, {}, { cause: thrown });
    throw thrown;
  }
}

/** Does the work of a request under its task, which ends with it, or before when `succeed` is called. */
export async function withTask(
  request: EndpointRequest,
  res: ServerResponse,
  label: string,
  work: (task: HttpTask, succeed: (result: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const task = await request.beginTask(label);
  res.setHeader('task-id', task.ref);
  let ended = false;
  const succeed = async (result?: string) => {
    ended = true;
    await task.succeed(result);
  };
  try {
    await work(task, succeed);
  } catch (thrown) {
    if (!ended) await task.fail(failureOf(thrown, task, res));
    throw thrown;
  }
  if (!ended) await succeed();
}

/** What a task ends with. A client that has gone breaks the stream in ways of its own, as does cancelling. */
function failureOf(thrown: unknown, task: HttpTask, res: ServerResponse): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (task.work.signal.aborted) return new ApiError('TASK_CANCELLED', task.ref);
  if (res.destroyed && !res.writableFinished) return new ApiError('CLIENT_ERROR');
  return toApiError(thrown);
}
