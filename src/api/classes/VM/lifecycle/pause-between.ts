/** Longest wait that a timer can take, in milliseconds: longer ones would be over at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Waits for some seconds: after a VM was started or stopped, so that others who need it come later. Ends early when the
 * task is cancelled; the VM is in its new state anyway.
 */
export function secondsPass(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(seconds * 1000, LONGEST));
    signal.addEventListener('abort', done);
  });
}
