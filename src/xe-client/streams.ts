import type { Readable, Writable } from 'node:stream';

/**
 * What a stream has next, undefined at its end. Rejects when it broke. Nothing is read ahead of whoever asks but what the
 * stream itself holds.
 */
export function nextChunk(stream: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const chunk: unknown = stream.read();
      if (chunk !== null) settle(() => resolve(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))));
      else if (stream.errored) fail(stream.errored);
      else if (stream.readableEnded || stream.destroyed) settle(() => resolve(undefined));
    };
    const fail = (error: Error) => settle(() => reject(error));
    const settle = (done: () => void) => {
      stream.off('readable', look).off('end', look).off('close', look).off('error', fail);
      done();
    };
    stream.on('readable', look).on('end', look).on('close', look).on('error', fail);
    look();
  });
}

/** What is at hand now, undefined when that is nothing. */
export function chunkAtHand(stream: Readable): Buffer | undefined {
  const chunk: unknown = stream.read();
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}

/** Writes, and waits until the system has taken it. Rejects when it cannot. */
export function write(stream: Writable, bytes: Buffer | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** Longest line that is taken from the user. */
const LINE_LIMIT = 1024 * 1024;

/** A line that the user types, without its end; undefined when none comes any more. What follows it stays in the stream. */
export async function readLine(stream: Readable): Promise<Buffer | undefined> {
  let line = Buffer.alloc(0);
  for (;;) {
    const chunk = await nextChunk(stream);
    if (chunk === undefined) return line.length > 0 ? line : undefined;
    const end = chunk.indexOf('\n');
    line = Buffer.concat([line, end < 0 ? chunk : chunk.subarray(0, end)]);
    if (end >= 0) {
      if (end + 1 < chunk.length) stream.unshift(chunk.subarray(end + 1));
      return line;
    }
    if (line.length > LINE_LIMIT) return line;
  }
}
