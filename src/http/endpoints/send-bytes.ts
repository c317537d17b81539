import type { ServerResponse } from 'node:http';

/**
 * Sends bytes as the body of a reply and ends it. Each piece has left this process when the next one is asked for, so that its memory
 * can be used again. Rejects when the client has gone, and at once with the reason of `signal` when that is aborted.
 */
export async function sendBytes(bytes: AsyncIterable<Buffer>, res: ServerResponse, signal: AbortSignal): Promise<void> {
  let failure: Error | undefined;
  let reject: (error: Error) => void = () => undefined;
  const stop = (error: Error): void => {
    failure ??= error;
    reject(failure);
  };
  // No promise that stays for all pieces: with each of the millions that a disk can have it would keep who waited for it.
  const until = (work: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, refuse) => {
      reject = refuse;
      if (failure) refuse(failure);
      else work((error) => (error ? refuse(error) : resolve()));
    });
  const onClose = (): void => stop(new Error('the client has gone'));
  const onAbort = (): void => stop(new Error('the transfer was stopped', { cause: signal.reason }));
  res.once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    if (res.destroyed) onClose();
    for await (const piece of bytes) await until((done) => res.write(piece, done));
    await until((done) => res.end(done));
  } finally {
    res.off('close', onClose);
    signal.removeEventListener('abort', onAbort);
  }
}
