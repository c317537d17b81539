import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { TaskHandle } from '../tasks.js';

/** How long a call waits for an object that something else works on: as the original does for most calls, for exports, for add-ons. */
export type Patience = 'standard' | 'quick' | 'none';

const SECOND = 1000;
const LIMITS: { readonly [P in Patience]: { total: number; between: number } } = {
  standard: { total: 2 * 3600 * SECOND, between: 20 * SECOND },
  quick: { total: 120 * SECOND, between: 2 * SECOND },
  none: { total: 0, between: 0 },
};

/** Tries until it no longer fails with OTHER_OPERATION_IN_PROGRESS, looking again whenever the object in the way changes. */
export async function retry<T>(db: Database, task: TaskHandle, patience: Patience, attempt: () => T): Promise<T> {
  const { total, between } = LIMITS[patience];
  const end = Date.now() + total;
  for (let waited = false; ; waited = true) {
    try {
      const result = attempt();
      if (waited) task.cancellable(false);
      return result;
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.code !== 'OTHER_OPERATION_IN_PROGRESS' || Date.now() >= end) throw thrown;
      task.cancellable(true);
      await changeOf(db, thrown.params[1] ?? '', between, task.signal);
      task.check();
    }
  }
}

/** Resolves when the object changes, after the time, or when the task is cancelled. */
function changeOf(db: Database, ref: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds).unref();
    const stop = db.onChange((changes) => {
      if (changes.some(({ row }) => row.ref === ref)) done();
    });
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
