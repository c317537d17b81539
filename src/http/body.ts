import type { IncomingMessage } from 'node:http';
import type { Connection, ConnectionTable } from './connection.js';
import { HttpError } from './error-page.js';
import type { HttpLimits } from './limits.js';

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

/**
 * The body of an upload, piece by piece. Throws HttpError 408 when the client pauses too long, 400 when it breaks off:
 * a body that ends without an error has the declared length.
 */
export async function* readUpload(req: IncomingMessage, context: BodyContext): AsyncGenerator<Buffer, void, void> {
  const { connection, connections, limits } = context;
  const awaitMore = () => {
    connection.awaitedUntil = connections.now + limits.stallTime;
  };
  awaitMore();
  try {
    for await (const piece of req) {
      awaitMore();
      yield piece;
    }
  } catch (error) {
    throw new HttpError(400, 'the body broke off', {}, { cause: error });
  } finally {
    connection.awaitedUntil = 0;
  }
}
