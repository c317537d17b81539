import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Looks at the file in this interval where the system cannot tell of changes, in milliseconds. */
const POLL_INTERVAL = 2000;

/** A burst of notices within this time counts as one, in milliseconds. */
const SETTLE_TIME = 20;

/**
 * Calls `changed` some time after a file was written, replaced or removed; at times also when it was not. Watches the
 * directory, because a file that is replaced is another file. Returns a function that ends it. Keeps no process alive.
 */
export function watchFile(path: string, changed: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  let polling: NodeJS.Timeout | undefined;
  const notice = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      changed();
    }, SETTLE_TIME).unref();
  };
  const poll = (): void => {
    polling ??= setInterval(changed, POLL_INTERVAL).unref();
  };

  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) notice();
    });
    watcher.on('error', poll);
  } catch {
    // The number of watches per user is limited, and often used up by others.
    poll();
  }
  return () => {
    watcher?.close();
    clearTimeout(settling);
    clearInterval(polling);
  };
}
