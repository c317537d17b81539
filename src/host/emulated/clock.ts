import { cancellation, throwIfCancelled, type Watch } from '../progress.js';

/** The time of an emulated world. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after that many milliseconds; rejects with TASK_CANCELLED at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    if (signal?.aborted) throw cancellation(signal);
    if (ms <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        if (signal) reject(cancellation(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    });
  },
};

/** Steps in which a delay reports: enough for a progress bar to be seen moving, few enough to cost nothing. */
const STEPS = 20;
/** Milliseconds of the shortest step. */
const SHORTEST_STEP = 20;

/** Lets an operation take its time: moves its progress from one share to another, and stops when it is cancelled. */
export async function takeTime(clock: Clock, ms: number, watch: Watch, from = 0, to = 1): Promise<void> {
  throwIfCancelled(watch.signal);
  const steps = Math.max(1, Math.min(STEPS, Math.floor(ms / SHORTEST_STEP)));
  for (let step = 1; step <= steps; step++) {
    if (ms > 0) await clock.sleep(ms / steps, watch.signal);
    watch.progress(from + ((to - from) * step) / steps);
  }
}
