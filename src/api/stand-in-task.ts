import { ApiError } from '../model/error.js';
import { NULL_REF, type Ref } from '../model/ref.js';
import type { CallOrigin } from './rpc.js';
import type { TaskHandle } from './tasks.js';

const NEVER_ABORTED = new AbortController().signal;

/** What stands for the task of a call that has none: nobody sees it; it ends when the client goes away. */
class StandInTask implements TaskHandle {
  readonly ref: Ref<'task'> = NULL_REF;
  readonly #origin: CallOrigin;

  constructor(origin: CallOrigin) {
    this.#origin = origin;
  }

  /** Made when somebody asks: most calls are done before anybody could go away. */
  get signal(): AbortSignal {
    return this.#origin.signal ?? NEVER_ABORTED;
  }

  progress(): void {}

  cancellable(): void {}

  check(): void {
    if (this.signal.aborted) throw new ApiError('TASK_CANCELLED', this.ref);
  }
}

/** The stand-in of one call. */
export function standInTask(origin: CallOrigin): TaskHandle {
  return new StandInTask(origin);
}
