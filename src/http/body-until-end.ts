import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** What ends a body in the framing that an HTTP parser knows. */
const LAST_CHUNK = '0\r\n\r\n';

/**
 * A connection whose one request has a body that ends where the client's side of the connection ends, as an HTTP parser can take
 * it: the body is framed in chunks on its way in. What is written goes out as it is.
 */
export class BodyUntilEnd extends Duplex {
  readonly #socket: Socket;
  #ended = false;

  /** `head` is that of the request, with the empty line that ends it; `body` what came of the body with it. */
  constructor(socket: Socket, head: string, body: Buffer) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.push(head.replace('\r\n', '\r\nTransfer-Encoding: chunked\r\n'), 'latin1');
    this.#frame(body);
    socket.on('data', (data: Buffer) => {
      if (!this.#frame(data)) socket.pause();
    });
    socket.once('end', () => {
      this.#ended = true;
      this.push(LAST_CHUNK);
    });
    // After its end the body may still lie here unread, and a client that has closed both sides has sent all of it the same.
    socket.once('close', () => {
      if (!this.#ended) this.destroy();
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // What a client that has gone does not take is no error of the upload.
    if (this.#socket.destroyed || !this.#socket.writable) done();
    else this.#socket.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    if (this.#socket.destroyed) done();
    else this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  /** Whether there is room for more. */
  #frame(data: Buffer): boolean {
    if (data.length === 0) return true;
    this.push(`${data.length.toString(16)}\r\n`);
    this.push(data);
    return this.push('\r\n');
  }
}
