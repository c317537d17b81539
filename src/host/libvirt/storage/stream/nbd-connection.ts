import { CHUNK, CHUNK_DONE, COMMAND, LENGTH, LONGEST_TEXT, NBD, NBD_ERROR } from '../../../../wire/nbd/numbers.js';
import { NbdProtocolError } from '../../../../wire/nbd/protocol-error.js';
import { type BlockStatus, decodeBlockStatus } from '../../../../wire/nbd/replies.js';
import { encodeRequest } from '../../../../wire/nbd/requests.js';
import { ImageError } from '../image/image-error.js';
import { ByteSource } from './byte-source.js';
import { type Agreement, shakeHands } from './nbd-handshake.js';

/** Longest list of blocks that is taken from a server; QEMU sends 1 MiB at most. */
const LONGEST_STATUS = 2 ** 22;

interface Request {
  readonly offset: number;
  /** Where the bytes go that are read. */
  readonly target: Buffer | undefined;
  /** Where it goes what is told of blocks: one list for each context. */
  readonly blocks: ReadonlyMap<string, BlockStatus[]> | undefined;
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
  #agreed: Agreement = { size: 0, contexts: new Map() };

  private constructor() {}

  /**
   * Connects to a server; undefined when there is none at that path yet. Rejects when the server is another one. `contexts`:
   * what `blockStatus` is to tell of.
   */
  static async open(path: string, contexts: readonly string[] = []): Promise<NbdConnection | undefined> {
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
      connection.#agreed = await Promise.race([shakeHands(source, contexts), isBroken]);
      connection.#source = source;
      connection.#listen(source);
      return connection;
    } catch (thrown) {
      source.socket.destroy();
      throw thrown instanceof NbdProtocolError ? new ImageError('failed', thrown.message) : thrown;
    }
  }

  /** Bytes of the disk. */
  get size(): number {
    return this.#agreed.size;
  }

  /** Fills memory with the bytes from an offset on. */
  read(offset: number, target: Buffer): Promise<void> {
    return this.#request(COMMAND.read, offset, target.length, { target });
  }

  write(offset: number, bytes: Buffer): Promise<void> {
    return this.#request(COMMAND.write, offset, bytes.length, { data: bytes });
  }

  writeZeroes(offset: number, length: number): Promise<void> {
    return this.#request(COMMAND.writeZeroes, offset, length);
  }

  /** What is known of blocks from an offset on, in each context that was agreed on; of fewer than `length` bytes perhaps. */
  async blockStatus(offset: number, length: number): Promise<ReadonlyMap<string, readonly BlockStatus[]>> {
    const blocks = new Map<string, BlockStatus[]>();
    for (const context of this.#agreed.contexts.values()) blocks.set(context, []);
    await this.#request(COMMAND.blockStatus, offset, length, { blocks });
    return blocks;
  }

  /** Resolves when everything that was written is on the disk. */
  flush(): Promise<void> {
    return this.#request(COMMAND.flush, 0, 0);
  }

  /** Says good-bye; the server ends then. */
  close(): void {
    if (!this.#gone)
      this.#source?.socket.end(encodeRequest({ command: COMMAND.disconnect, flags: 0, cookie: 0n, offset: 0, length: 0 }));
    this.#fail(new ImageError('failed', 'the connection to the server of the image was closed'));
  }

  #request(
    command: number,
    offset: number,
    length: number,
    { data, target, blocks }: { data?: Buffer; target?: Buffer; blocks?: ReadonlyMap<string, BlockStatus[]> } = {},
  ): Promise<void> {
    const socket = this.#source?.socket;
    if (this.#gone || !socket) return Promise.reject(this.#gone ?? new ImageError('failed', 'not connected'));
    return new Promise((resolve, reject) => {
      const cookie = this.#next++;
      this.#requests.set(cookie, { offset, target, blocks, failure: undefined, done: resolve, failed: reject });
      socket.cork();
      socket.write(encodeRequest({ command, flags: 0, cookie: BigInt(cookie), offset, length }));
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
    else if (type === CHUNK.blockStatus && found.request.blocks && length > 4 && length % 8 === 4 && length <= LONGEST_STATUS)
      this.#status(source, found.request.blocks, length, next);
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

  #status(source: ByteSource, blocks: ReadonlyMap<string, BlockStatus[]>, length: number, next: () => void): void {
    const said = Buffer.alloc(length);
    source.expect(said, () => {
      const { context, blocks: told } = decodeBlockStatus(said);
      const list = blocks.get(this.#agreed.contexts.get(context) ?? '');
      for (const block of told) list?.push(block);
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
  return new ImageError(code === NBD_ERROR.noSpace ? 'full' : 'failed', text || `the server of the image failed with ${code}`);
}
