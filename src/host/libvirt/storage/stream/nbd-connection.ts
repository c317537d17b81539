import { ImageError } from '../image/image-error.js';
import { ByteSource } from './byte-source.js';
import { shakeHands } from './nbd-handshake.js';
import { CHUNK, CHUNK_DONE, COMMAND, LENGTH, NBD, NBD_NO_SPACE, requestHead } from './nbd-protocol.js';

/** Longest text of an error that is taken from a server. */
const LONGEST_TEXT = 4096;

interface Request {
  readonly offset: number;
  /** Where the bytes go that are read. */
  readonly target: Buffer | undefined;
  failure: ImageError | undefined;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * A disk that a server offers by the NBD protocol. Several requests may be under way; the caller bounds their number.
 * Failures are ImageErrors.
 */
export class NbdConnection {
  readonly #requests = new Map<number, Request>();
  readonly #head = Buffer.alloc(LENGTH.structuredReply);
  #source: ByteSource | undefined;
  #next = 1;
  #gone: Error | undefined;
  #size = 0;

  private constructor() {}

  /** Connects to a server; undefined when there is none at that path yet. Rejects when the server is another one. */
  static async open(path: string): Promise<NbdConnection | undefined> {
    const connection = new NbdConnection();
    let broken: (error: Error) => void = () => undefined;
    const source = await ByteSource.connect(path, (error) => {
      broken(error);
      connection.#fail(error);
    }).catch(() => undefined);
    if (source === undefined) return undefined;
    try {
      const isBroken = new Promise<never>((_resolve, reject) => {
        broken = reject;
      });
      connection.#size = await Promise.race([shakeHands(source), isBroken]);
      connection.#source = source;
      connection.#listen(source);
      return connection;
    } catch (thrown) {
      source.socket.destroy();
      throw thrown;
    }
  }

  /** Bytes of the disk. */
  get size(): number {
    return this.#size;
  }

  read(offset: number, length: number): Promise<Buffer> {
    const target = Buffer.allocUnsafe(length);
    return this.#request(COMMAND.read, offset, length, undefined, target).then(() => target);
  }

  write(offset: number, bytes: Buffer): Promise<void> {
    return this.#request(COMMAND.write, offset, bytes.length, bytes);
  }

  writeZeroes(offset: number, length: number): Promise<void> {
    return this.#request(COMMAND.writeZeroes, offset, length);
  }

  /** Resolves when everything that was written is on the disk. */
  flush(): Promise<void> {
    return this.#request(COMMAND.flush, 0, 0);
  }

  /** Says good-bye; the server ends then. */
  close(): void {
    if (!this.#gone) this.#source?.socket.end(requestHead(COMMAND.disconnect, 0, 0, 0));
    this.#fail(new ImageError('failed', 'the connection to the server of the image was closed'));
  }

  #request(command: number, offset: number, length: number, data?: Buffer, target?: Buffer): Promise<void> {
    const socket = this.#source?.socket;
    if (this.#gone || !socket) return Promise.reject(this.#gone ?? new ImageError('failed', 'not connected'));
    return new Promise((resolve, reject) => {
      const cookie = this.#next++;
      this.#requests.set(cookie, { offset, target, failure: undefined, done: resolve, failed: reject });
      socket.cork();
      socket.write(requestHead(command, cookie, offset, length));
      if (data !== undefined) socket.write(data);
      socket.uncork();
    });
  }

  /** Waits for the next answer. */
  #listen(source: ByteSource): void {
    const start = this.#head.subarray(0, LENGTH.simpleReply);
    source.expect(start, () => {
      const magic = start.readUInt32BE(0);
      if (magic === NBD.structuredReplyMagic) {
        source.expect(this.#head.subarray(LENGTH.simpleReply), () => this.#chunk(source));
      } else if (magic === NBD.simpleReplyMagic) this.#simple(source);
      else this.#fail(new ImageError('failed', 'an NBD server answered with something else'));
    });
  }

  #simple(source: ByteSource): void {
    const found = this.#find();
    if (found === undefined) return;
    const error = this.#head.readUInt32BE(4);
    if (error !== 0) found.request.failure = failureOf(error, '');
    const target = error === 0 ? found.request.target : undefined;
    if (target === undefined) this.#answered(source, found);
    else source.expect(target, () => this.#answered(source, found));
  }

  #chunk(source: ByteSource): void {
    const found = this.#find();
    if (found === undefined) return;
    const [flags, type, length] = [this.#head.readUInt16BE(4), this.#head.readUInt16BE(6), this.#head.readUInt32BE(16)];
    const next = (): void => (flags & CHUNK_DONE ? this.#answered(source, found) : this.#listen(source));
    if (type === CHUNK.none && length === 0) next();
    else if (type === CHUNK.data && length > 8) this.#data(source, found.request, length - 8, next);
    else if (type === CHUNK.hole && length === 12) this.#hole(source, found.request, next);
    else if ((type === CHUNK.error || type === CHUNK.errorAt) && length >= 6 && length <= LONGEST_TEXT) {
      const said = Buffer.alloc(length);
      source.expect(said, () => {
        found.request.failure = failureOf(said.readUInt32BE(0), said.toString('utf8', 6, 6 + said.readUInt16BE(4)));
        next();
      });
    } else this.#fail(new ImageError('failed', `an NBD server sent a part of kind ${type} with ${length} bytes`));
  }

  #data(source: ByteSource, request: Request, length: number, next: () => void): void {
    const at = Buffer.alloc(8);
    source.expect(at, () => {
      const part = this.#part(request, at, length);
      if (part !== undefined) source.expect(part, next);
    });
  }

  #hole(source: ByteSource, request: Request, next: () => void): void {
    const at = Buffer.alloc(12);
    source.expect(at, () => {
      const part = this.#part(request, at, at.readUInt32BE(8));
      if (part === undefined) return;
      part.fill(0);
      next();
    });
  }

  /** Where bytes belong that are announced with their offset; undefined, and the end, for those that nobody asked for. */
  #part({ offset, target }: Request, at: Buffer, length: number): Buffer | undefined {
    const start = Number(at.readBigUInt64BE(0)) - offset;
    if (target !== undefined && start >= 0 && length > 0 && start + length <= target.length)
      return target.subarray(start, start + length);
    this.#fail(new ImageError('failed', 'an NBD server sent bytes that nobody asked for'));
    return undefined;
  }

  #find(): { readonly cookie: number; readonly request: Request } | undefined {
    const cookie = Number(this.#head.readBigUInt64BE(8));
    const request = this.#requests.get(cookie);
    if (request !== undefined) return { cookie, request };
    this.#fail(new ImageError('failed', 'an NBD server answered what nobody asked'));
    return undefined;
  }

  #answered(source: ByteSource, { cookie, request }: { readonly cookie: number; readonly request: Request }): void {
    this.#requests.delete(cookie);
    if (request.failure === undefined) request.done();
    else request.failed(request.failure);
    this.#listen(source);
  }

  #fail(error: Error): void {
    if (this.#gone) return;
    this.#gone = error;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { failed } of requests) failed(error);
    const socket = this.#source?.socket;
    if (socket && !socket.writableEnded) socket.destroy();
  }
}

function failureOf(code: number, text: string): ImageError {
  return new ImageError(code === NBD_NO_SPACE ? 'full' : 'failed', text || `the server of the image failed with ${code}`);
}
