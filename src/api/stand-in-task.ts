import { ApiError } from '../model/error.js';
import { NULL_REF } from '../model/ref.js';
import type { CallOrigin } from './rpc.js';
import type { TaskHandle } from './tasks.js';

const NEVER_ABORTED = new AbortController().signal;

/** What stands for the task of a call that has none: nobody sees it; it ends when the client goes away. */
export function standInTask(origin: CallOrigin): TaskHandle {
  const signal = origin.signal ?? NEVER_ABORTED;
  return {
    ref: NULL_REF,
    signal,
    progress: () => undefined,
    cancellable: () => undefined,
    check: () => {
      if (signal.aborted) throw new ApiError('TASK_CANCELLED', NULL_REF);
    },
  };
}
