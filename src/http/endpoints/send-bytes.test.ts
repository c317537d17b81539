import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { sendBytes } from './send-bytes.js';

const MIB = 2 ** 20;
/** Pieces of a disk of 128 GiB. */
const PIECES = 2 ** 17;

/** A reply to a client that takes everything at once, or nothing. */
function replyTo(client: 'quick' | 'stalled'): ServerResponse {
  const written = (done: () => void): void => (client === 'quick' ? queueMicrotask(done) : undefined);
  return Object.assign(new ServerResponse(new IncomingMessage(new Socket())), {
    write: (_piece: Buffer, done: () => void) => written(done),
    end: (done: () => void) => written(done),
  });
}

async function* pieces(count: number): AsyncGenerator<Buffer, void, void> {
  const piece = Buffer.alloc(1);
  for (let sent = 0; sent < count; sent++) yield piece;
}

/** Bytes in use, without what nobody needs any more. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('there is no way to collect garbage');
  collect();
  return process.memoryUsage().heapUsed;
}

it('holds nothing of the pieces that have gone, however many there are', async () => {
  const before = heap();
  let most = 0;
  async function* measured(): AsyncGenerator<Buffer, void, void> {
    yield* pieces(PIECES);
    most = heap() - before;
  }
  await sendBytes(measured(), replyTo('quick'), new AbortController().signal);
  expect(most).toBeLessThan(4 * MIB);
});

it.each(['while a client takes nothing', 'before it began'])('stops when it is told to %s', async (when) => {
  const controller = new AbortController();
  const reason = new Error('enough');
  if (when === 'before it began') controller.abort(reason);
  const sent = sendBytes(pieces(10), replyTo('stalled'), controller.signal);
  queueMicrotask(() => controller.abort(reason));
  await expect(sent).rejects.toMatchObject({ message: 'the transfer was stopped', cause: reason });
});

it('stops when the client goes', async () => {
  const reply = replyTo('stalled');
  const sent = sendBytes(pieces(10), reply, new AbortController().signal);
  queueMicrotask(() => reply.emit('close'));
  await expect(sent).rejects.toThrow('the client has gone');
});
