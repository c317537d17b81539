import type { ServerResponse } from 'node:http';

/**
 * Sends bytes as the body of a reply and ends it. Each piece has left this process when the next one is asked for, so that its memory
 * can be used again. Rejects when the client has gone, and at once with the reason of `signal` when that is aborted.
 */
export async function sendBytes(bytes: AsyncIterable<Buffer>, res: ServerResponse, signal: AbortSignal): Promise<void> {
  let stop: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  // Between two pieces nobody listens.
  broken.catch(() => undefined);
  const onClose = (): void => stop(new Error('the client has gone'));
  const onAbort = (): void => stop(new Error('the transfer was stopped', { cause: signal.reason }));
  res.once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    if (res.destroyed) onClose();
    for await (const piece of bytes) await Promise.race([written(res, piece), broken]);
    await Promise.race([ended(res), broken]);
  } finally {
    res.off('close', onClose);
    signal.removeEventListener('abort', onAbort);
  }
}

function written(res: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => res.write(piece, (error) => (error ? reject(error) : resolve())));
}

function ended(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => res.end(resolve));
}
