import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { LargePieces } from './large-pieces.js';
import { httpLimits } from './limits.js';

/** Where bytes go before anybody asks for the body, and those that nobody wants. */
const NOWHERE = Buffer.allocUnsafeSlow(2 ** 16);

/**
 * A connection with one request whose body does not go through an HTTP parser: that gets the head, what is written goes out as it is, and
 * the body is read to memory of ours. When the connection is to end and nobody has read the body, it is thrown away for a while, so
 * that the client comes to read the reply.
 */
export class UploadConnection extends Duplex {
  readonly #old: Socket;
  readonly #socket: Socket;
  readonly #pieces = new LargePieces();
  #left: number;
  #state: 'waiting' | 'reading' | 'ending' = 'waiting';
  #onData: () => void = () => undefined;

  /** Undefined where the bytes of a socket cannot be read so. `body`: what came of it with the head; `length`: all of it, in bytes. */
  static of(socket: Socket, head: Buffer, body: Buffer, length: number): UploadConnection | undefined {
    const handle = socket instanceof TLSSocket ? undefined : handleOf(socket);
    return handle && body.length <= length ? new UploadConnection(socket, handle, head, body, length) : undefined;
  }

  private constructor(socket: Socket, handle: object, head: Buffer, body: Buffer, length: number) {
    super({ allowHalfOpen: true });
    this.#old = socket;
    this.#left = length;
    this.#take(body);
    // A socket can be told only when it is made where what comes is to go; so another one takes the connection.
    Object.assign(socket, { _handle: null });
    const onread = {
      buffer: () => this.#space(),
      callback: (count: number, bytes: Uint8Array) => this.#came(bytes, count),
    };
    const options = { handle, onread, allowHalfOpen: true, pauseOnCreate: true, readable: true, writable: true };
    this.#socket = new Socket(options);
    this.#socket.on('error', (error) => this.#pieces.end(error));
    this.#socket.once('end', () => this.#pieces.end(new Error('the client has ended the connection')));
    this.#socket.once('close', () => this.destroy());
    socket.once('close', () => this.destroy());
    this.push(head);
  }

  /** The body, in large pieces; once. `onData` is called when something has come. Rejects where the connection ends before its end. */
  body(onData: () => void): AsyncGenerator<Buffer, void, void> {
    this.#state = 'reading';
    this.#onData = onData;
    if (this.#left === 0) this.#pieces.end();
    const resume = (): void => {
      if (this.#left > 0) this.#socket.resume();
    };
    resume();
    return this.#pieces.read({
      resume,
      stop: () => {
        this.#state = 'ending';
      },
    });
  }

  override _read(): void {
    // The body goes another way.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // What a client that has gone does not take is no error of the upload.
    if (this.#socket.destroyed || !this.#socket.writable) done();
    else this.#socket.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    const end = setTimeout(() => this.destroy(), httpLimits.lingerTime);
    end.unref();
    this.once('close', () => clearTimeout(end));
    this.#state = 'ending';
    if (this.#socket.destroyed) done();
    else this.#socket.end(() => done());
    this.#socket.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#pieces.end(new Error('the connection is closed'));
    this.#socket.destroy();
    this.#old.destroy();
    done(error);
  }

  #space(): Buffer {
    if (this.#state !== 'reading') return NOWHERE;
    const { space } = this.#pieces;
    return space.length > this.#left && this.#left > 0 ? space.subarray(0, this.#left) : space;
  }

  /** Whether more may come. */
  #came(memory: Uint8Array, count: number): boolean {
    if (this.#state !== 'reading') return true;
    this.#onData();
    if (memory.buffer === NOWHERE.buffer) this.#take(NOWHERE.subarray(0, Math.min(count, this.#left)));
    else {
      this.#left -= count;
      this.#pieces.filled(count);
    }
    if (this.#left === 0) this.#pieces.end();
    return this.#left > 0 && !this.#pieces.isFull;
  }

  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const count = bytes.copy(this.#pieces.space, 0, at);
      at += count;
      this.#pieces.filled(count);
    }
    this.#left -= bytes.length;
  }
}

/** What stands for a socket in the system. Not in the types. */
function handleOf(socket: object): object | undefined {
  return '_handle' in socket && typeof socket._handle === 'object' && socket._handle !== null ? socket._handle : undefined;
}
