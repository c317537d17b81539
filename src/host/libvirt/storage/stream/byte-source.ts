import { connect, type Socket } from 'node:net';

interface Expected {
  readonly target: Buffer;
  filled: number;
  readonly done: () => void;
}

/** Bytes that are taken from the socket at a time. */
const PIECE = 2 ** 18;

/**
 * Takes bytes from a socket in the pieces that are expected, one after the other, straight to where they belong: whoever has got
 * one says at once what comes next, so that nothing is copied twice.
 */
export class ByteSource {
  readonly socket: Socket;
  readonly #failed: (error: Error) => void;
  #expected: Expected | undefined;
  /** What came when nothing was expected; the socket waits then. */
  #early = Buffer.alloc(0);

  private constructor(path: string, connected: (source: ByteSource) => void, failed: (error: Error) => void) {
    this.#failed = (error) => {
      this.#expected = undefined;
      failed(error);
    };
    const buffer = Buffer.alloc(PIECE);
    this.socket = connect({
      path,
      onread: { buffer, callback: (count, bytes) => this.#take(Buffer.from(bytes.buffer, bytes.byteOffset, count)) },
    });
    this.socket.once('connect', () => connected(this));
    this.socket.on('error', this.#failed);
    this.socket.once('close', () => this.#failed(new Error('the server of the image is gone')));
  }

  /** Connects to a Unix socket. `failed` is called when the connection ends, for whatever reason; perhaps more than once. */
  static connect(path: string, failed: (error: Error) => void): Promise<ByteSource> {
    return new Promise((resolve, reject) => {
      new ByteSource(path, resolve, (error) => {
        reject(error);
        failed(error);
      });
    });
  }

  /** Fills a buffer with the next bytes and calls then. Nothing else may be expected. */
  expect(target: Buffer, done: () => void): void {
    this.#expected = { target, filled: 0, done };
    const early = this.#early;
    if (early.length === 0) return;
    this.#early = Buffer.alloc(0);
    if (this.#take(early)) this.socket.resume();
  }

  /** Whether more may come. */
  #take(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      const expected = this.#expected;
      if (expected === undefined) {
        // The memory is that of the next piece, too.
        this.#early = Buffer.from(bytes.subarray(at));
        return false;
      }
      const count = bytes.copy(expected.target, expected.filled, at);
      at += count;
      expected.filled += count;
      if (expected.filled < expected.target.length) break;
      this.#expected = undefined;
      expected.done();
    }
    return true;
  }
}
