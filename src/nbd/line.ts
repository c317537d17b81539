import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { NbdProtocolError } from '../wire/nbd/protocol-error.js';

/** Bytes that are skipped at a time. */
const SKIPPED = 64 * 1024;

/** The other side has gone, or was too slow: there is nobody to tell. */
export class LineClosed extends Error {
  override readonly name = 'LineClosed';
}

/** A connection that is read in the pieces that are due, in clear or in TLS. Reads and writes reject with LineClosed at its end. */
export class Line {
  readonly #raw: Socket;
  readonly #gone = new AbortController();
  #socket: Socket;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#raw = socket;
    this.#socket = socket;
    // Whoever resets a connection is no event.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#end());
    this.#listen(socket);
  }

  get isSecure(): boolean {
    return this.#socket !== this.#raw;
  }

  /** Aborted when the connection has ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The next bytes. `time`: milliseconds that they may take. */
  async read(length: number, time?: number): Promise<Buffer> {
    const timer = time === undefined ? undefined : setTimeout(() => this.destroy(), time);
    try {
      for (;;) {
        const bytes: Buffer | null = length === 0 ? Buffer.alloc(0) : this.#socket.read(length);
        if (bytes?.length === length) return bytes;
        if (bytes !== null || this.#hasEnded) throw new LineClosed('the client has gone');
        await this.#more();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when something has come. */
  async some(): Promise<void> {
    while (this.#socket.readableLength === 0) {
      if (this.#hasEnded) throw new LineClosed('the client has gone');
      // Nobody is told of the end before somebody has tried to read.
      this.#socket.read(0);
      await this.#more();
    }
  }

  /** Reads bytes and throws them away. */
  async skip(length: number, time: number): Promise<void> {
    for (let left = length; left > 0; left -= SKIPPED) await this.read(Math.min(left, SKIPPED), time);
  }

  /** Sends bytes. Resolves when the client has taken enough for more; in `time` milliseconds at the latest, or the line ends. */
  async write(bytes: readonly Buffer[], time: number): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) throw new LineClosed('the client has gone');
    socket.cork();
    let isFree = true;
    for (const part of bytes) isFree = socket.write(part);
    socket.uncork();
    if (isFree || !socket.writableNeedDrain) return;
    const timer = setTimeout(() => this.destroy(), time);
    try {
      await new Promise<void>((resolve, reject) => {
        const closed = () => reject(new LineClosed('the client has gone'));
        socket.once('drain', () => {
          this.gone.removeEventListener('abort', closed);
          resolve();
        });
        this.gone.addEventListener('abort', closed, { once: true });
        if (this.gone.aborted) closed();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends the last bytes in clear and goes on in TLS. Rejects with NbdProtocolError when something came before that was due. */
  async startTls(last: Buffer, context: SecureContext): Promise<void> {
    const raw = this.#raw;
    // What was said in clear must not be taken for something that was said in TLS.
    if (this.isSecure || raw.readableLength > 0) throw new NbdProtocolError('bytes in clear where TLS was to begin');
    raw.removeAllListeners('readable');
    raw.write(last);
    const secure = new TLSSocket(raw, { isServer: true, secureContext: context });
    secure.on('error', () => this.destroy());
    secure.once('close', () => this.destroy());
    await new Promise<void>((resolve, reject) => {
      secure.once('secure', resolve);
      this.gone.addEventListener('abort', () => reject(new LineClosed('no TLS came about')), { once: true });
    });
    this.#socket = secure;
    this.#listen(secure);
  }

  /** Lets out what has been written, and ends. */
  async end(time: number): Promise<void> {
    if (this.gone.aborted) return;
    const timer = setTimeout(() => this.destroy(), time);
    this.#socket.end();
    this.#socket.resume();
    await new Promise<void>((resolve) => this.gone.addEventListener('abort', () => resolve(), { once: true }));
    clearTimeout(timer);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#raw.destroy();
    this.#end();
  }

  get #hasEnded(): boolean {
    return this.gone.aborted || this.#socket.readableEnded || this.#socket.destroyed;
  }

  #listen(socket: Socket): void {
    socket.on('readable', () => this.#wake());
    socket.once('end', () => this.#wake());
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #end(): void {
    this.#gone.abort();
    this.#wake();
  }
}
