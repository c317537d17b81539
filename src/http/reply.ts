import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { byteLengthOf, type Chunk, joinChunks, packChunks } from '../wire/chunks.js';
import type { PortionBuffers } from './portion-buffers.js';

/**
 * Sends a reply of the API: at once when it is small, else in portions that leave room for other clients and wait for
 * this one to take them. The promise is resolved when everything has been handed to the socket, or the client is gone.
 */
export function sendReply(
  res: ServerResponse,
  contentType: string,
  chunks: readonly Chunk[],
  portions: PortionBuffers,
): Promise<void> | undefined {
  const length = byteLengthOf(chunks);
  // One flat array: the quickest form that node:http takes. The content type has no charset because clients compare it.
  res.writeHead(200, [
    'Content-Type',
    contentType,
    'Content-Length',
    String(length),
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Allow-Headers',
    'X-Requested-With',
  ]);
  if (length > portions.size) return sendInPortions(res, chunks, portions);
  const [first] = chunks;
  // Text goes out in the same write as the head.
  if (chunks.length === 1 && typeof first === 'string') res.end(first);
  else res.end(joinChunks(chunks));
  return undefined;
}

async function sendInPortions(res: ServerResponse, chunks: readonly Chunk[], portions: PortionBuffers): Promise<void> {
  // A reply whose turn has not come on a connection with requests sent ahead would be piled up in memory.
  if (!res.socket) await eventOrClose(res, 'socket');
  for (const { bytes, lent } of packChunks(chunks, () => portions.lend())) {
    if (res.destroyed) return;
    // Called when the bytes have left the buffer, or never will.
    const taken = res.write(bytes, () => lent && portions.giveBack(lent));
    if (!taken) await eventOrClose(res, 'drain');
    // A client that reads fast has taken the portion by now, within this turn: others get theirs all the same.
    await nextTurn();
  }
  if (!res.destroyed) res.end();
}

/** Waits for an event of a reply, or for the end of its connection. */
function eventOrClose(res: ServerResponse, event: 'drain' | 'socket'): Promise<void> {
  return new Promise((resolve) => {
    if (res.destroyed) {
      resolve();
      return;
    }
    const done = () => {
      res.off(event, done);
      res.off('close', done);
      resolve();
    };
    res.on(event, done);
    res.on('close', done);
  });
}
