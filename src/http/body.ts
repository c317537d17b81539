import type { IncomingMessage } from 'node:http';
import { BodyUntilEnd } from './body-until-end.js';
import type { Connection, ConnectionTable } from './connection.js';
import { HttpError } from './error-page.js';
import type { HttpLimits } from './limits.js';
import { streamPieces } from './stream-pieces.js';
import { UploadConnection } from './upload-connection.js';

/** What reading a body needs to know of its surroundings. */
export interface BodyContext {
  readonly connection: Connection;
  readonly connections: ConnectionTable;
  readonly limits: HttpLimits;
}

/** Length that a request declares, or undefined. The parser has refused anything but one number in decimal. */
export function declaredLength(req: IncomingMessage): number | undefined {
  const text = req.headers['content-length'];
  return text === undefined ? undefined : Number(text);
}

/** Whether the body of a request has no length and ends with the connection, as HTTP/1.0 has it. */
export function endsWithConnection(req: IncomingMessage): boolean {
  const socket: object = req.socket;
  return socket instanceof BodyUntilEnd;
}

/** The body of an upload up to a size in bytes. Throws HttpError 413 where it is larger, and what `readUpload` throws. */
export async function* readUploadUpTo(
  size: number,
  req: IncomingMessage,
  context: BodyContext,
): AsyncGenerator<Buffer, void, void> {
  let left = size;
  for await (const piece of readUpload(req, context)) {
    left -= piece.length;
    if (left < 0) throw new HttpError(413, `more than ${size} bytes`);
    yield piece;
  }
}

/**
 * The body of an upload, piece by piece; the memory of a piece is used again when the next one is asked for. Throws HttpError 408
 * when the client pauses too long, 400 when it breaks off: a body that ends without an error has the declared length, where one was
 * declared.
 */
export async function* readUpload(req: IncomingMessage, context: BodyContext): AsyncGenerator<Buffer, void, void> {
  const { connection, connections, limits } = context;
  const awaitMore = () => {
    connection.awaitedUntil = connections.now + limits.stallTime;
  };
  awaitMore();
  try {
    const socket: object = req.socket;
    yield* socket instanceof UploadConnection ? socket.body(awaitMore) : streamPieces(req, awaitMore);
  } catch (error) {
    throw new HttpError(400, 'the body broke off', {}, { cause: error });
  } finally {
    connection.awaitedUntil = 0;
  }
}
