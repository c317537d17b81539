import { ApiError } from '../model/error.js';
import { COMMAND, COMMAND_FLAG, LENGTH, NBD_ERROR, STANDARD_PAYLOAD, STATE_HOLE, STATE_ZERO } from '../wire/nbd/numbers.js';
import { NbdProtocolError } from '../wire/nbd/protocol-error.js';
import {
  type BlockStatus,
  encodeBlockStatus,
  encodeDataHead,
  encodeEmptyChunk,
  encodeErrorChunk,
  encodeHole,
  encodeSimpleReply,
} from '../wire/nbd/replies.js';
import { decodeRequest, type NbdRequest } from '../wire/nbd/requests.js';
import { FilledBlocks, type Part } from './filled-blocks.js';
import { type Agreement, ALLOCATION_ID } from './handshake.js';
import type { NbdLimits } from './limits.js';
import type { Line } from './line.js';

/** A request cannot be served; the client is told. */
class Failure extends Error {
  readonly number: number;

  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

/** Serves what a client asks of its disk, until it says good-bye. Rejects when it breaks the protocol or goes away. */
export async function serveRequests(line: Line, agreement: Agreement, limits: NbdLimits): Promise<void> {
  await new Requests(line, agreement, limits).run();
}

/**
 * Requests are begun as they come and answered in that order: what is read while an earlier answer is on its way needs no more
 * memory than any other order would, and clients have nothing to gain from one disk's answers in another.
 */
class Requests {
  readonly #line: Line;
  readonly #agreement: Agreement;
  readonly #limits: NbdLimits;
  /** Everything that is to be sent so far. */
  #answered: Promise<void> = Promise.resolve();
  #waiting = 0;
  #bytes = 0;
  #wake: () => void = () => undefined;
  #failure: unknown;
  #filled: Promise<FilledBlocks> | undefined;

  constructor(line: Line, agreement: Agreement, limits: NbdLimits) {
    this.#line = line;
    this.#agreement = agreement;
    this.#limits = limits;
  }

  async run(): Promise<void> {
    const { stallTime } = this.#limits;
    for (;;) {
      await this.#room();
      await this.#line.some();
      const request = decodeRequest(await this.#line.read(LENGTH.request, stallTime));
      if (request.command === COMMAND.disconnect) break;
      this.#agreement.disk.used();
      if (request.command === COMMAND.write) await this.#skipData(request);
      this.#begin(request);
    }
    await this.#answered;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until few enough requests are under way. */
  async #room(): Promise<void> {
    const { requests, inFlight } = this.#limits;
    while (this.#failure === undefined && this.#waiting > 0 && (this.#waiting >= requests || this.#bytes >= inFlight)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #skipData({ length }: NbdRequest): Promise<void> {
    if (length > STANDARD_PAYLOAD) throw new NbdProtocolError('more data than may be written at a time');
    await this.#line.skip(length, this.#limits.stallTime);
  }

  #begin(request: NbdRequest): void {
    const held = request.command === COMMAND.read ? Math.min(request.length, 2 * this.#limits.piece) : 0;
    this.#waiting++;
    this.#bytes += held;
    const before = this.#answered;
    const answer = this.#answer(request, before);
    this.#answered = answer
      .catch((thrown: unknown) => {
        this.#failure ??= thrown;
        this.#line.destroy();
      })
      .then(() => {
        this.#waiting--;
        this.#bytes -= held;
        this.#wake();
      });
  }

  /** Works on a request at once, and answers when everything before it is answered. */
  async #answer(request: NbdRequest, before: Promise<void>): Promise<void> {
    try {
      switch (request.command) {
        case COMMAND.read:
          return await this.#read(request, before);
        case COMMAND.blockStatus:
          return await this.#tellBlocks(request, before);
        case COMMAND.flush:
          await before;
          return await this.#done(request);
        case COMMAND.write:
        case COMMAND.trim:
        case COMMAND.writeZeroes:
          throw new Failure(NBD_ERROR.permission, 'The disk is offered for reading only');
        default:
          throw new Failure(NBD_ERROR.invalid, 'There is no such command');
      }
    } catch (thrown) {
      await before;
      await this.#fail(request, thrown);
    }
  }

  async #read(request: NbdRequest, before: Promise<void>): Promise<void> {
    const { cookie, flags, length } = request;
    const { isStructured } = this.#agreement;
    const { piece, smallestHole } = this.#limits;
    this.#check(request);
    if (length > STANDARD_PAYLOAD) throw new Failure(NBD_ERROR.invalid, 'More than can be read at a time');
    const isWhole = isStructured && (flags & COMMAND_FLAG.dontFragment) !== 0;
    if (isWhole && length > piece) throw new Failure(NBD_ERROR.overflow, 'More than fits into one part');
    const filled = await this.#blocks();
    const parts = [...cut(filled.parts(request.offset, length, isWhole ? length : smallestHole), piece)];
    let next = this.#fetch(parts[0]);
    await next;
    await before;
    for (const [i, part] of parts.entries()) {
      const [isFirst, isLast] = [i === 0, i === parts.length - 1];
      const data = await next.catch((thrown: unknown) => {
        // The head of a simple answer has said that there is no error.
        throw isStructured ? thrown : new NbdProtocolError(`the disk failed within an answer: ${String(thrown)}`);
      });
      next = this.#fetch(parts[i + 1]);
      if (!isStructured) await this.#send([...(isFirst ? [encodeSimpleReply(cookie)] : []), data ?? Buffer.alloc(part.length)]);
      else if (data === undefined) await this.#send([encodeHole(cookie, isLast, part.offset, part.length)]);
      else await this.#send([encodeDataHead(cookie, isLast, part.offset, part.length), data]);
    }
  }

  /** Data of a part; undefined for zeros. What comes of it is looked at later. */
  #fetch(part: Part | undefined): Promise<Buffer | undefined> {
    if (part === undefined || part.isZero) return Promise.resolve(undefined);
    const data = this.#agreement.disk.read(part.offset, part.length);
    data.catch(() => undefined);
    return data;
  }

  async #tellBlocks(request: NbdRequest, before: Promise<void>): Promise<void> {
    const { cookie, flags, offset, length } = request;
    this.#check(request);
    if (!this.#agreement.tellsBlocks) throw new Failure(NBD_ERROR.invalid, 'No context of blocks has been agreed on');
    const most = flags & COMMAND_FLAG.requestOne ? 1 : this.#limits.statusBlocks;
    const blocks: BlockStatus[] = [];
    for (const part of (await this.#blocks()).parts(offset, length)) {
      if (blocks.push({ length: part.length, state: part.isZero ? STATE_HOLE | STATE_ZERO : 0 }) >= most) break;
    }
    await before;
    await this.#send([encodeBlockStatus(cookie, true, ALLOCATION_ID, blocks)]);
  }

  async #done({ cookie }: NbdRequest): Promise<void> {
    await this.#send([this.#agreement.isStructured ? encodeEmptyChunk(cookie) : encodeSimpleReply(cookie)]);
  }

  async #fail({ cookie }: NbdRequest, thrown: unknown): Promise<void> {
    if (!(thrown instanceof Failure || thrown instanceof ApiError)) throw thrown;
    const number = thrown instanceof Failure ? thrown.number : NBD_ERROR.io;
    const isStructured = this.#agreement.isStructured;
    await this.#send([isStructured ? encodeErrorChunk(cookie, number, thrown.message) : encodeSimpleReply(cookie, number)]);
  }

  #check({ offset, length }: NbdRequest): void {
    if (length === 0 || offset + length > this.#agreement.disk.size) throw new Failure(NBD_ERROR.invalid, 'Not within the disk');
  }

  #blocks(): Promise<FilledBlocks> {
    this.#filled ??= this.#agreement.disk.extents().then((extents) => new FilledBlocks(extents));
    return this.#filled;
  }

  #send(bytes: readonly Buffer[]): Promise<void> {
    return this.#line.write(bytes, this.#limits.stallTime);
  }
}

/** Parts in pieces of at most so many bytes; zeros too, which a simple answer spells out. */
function* cut(parts: Iterable<Part>, size: number): Generator<Part> {
  for (const { offset, length, isZero } of parts) {
    for (let at = 0; at < length; at += size) yield { offset: offset + at, length: Math.min(size, length - at), isZero };
  }
}
