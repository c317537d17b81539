import type { VolumeContent } from './volume-content.js';

/** Bytes that are written at a time, and at whose multiples writes begin. */
const PIECE = 2 ** 20;
/** Parts in which zeros are looked for: the unit in which images give out space. */
const GRAIN = 2 ** 16;
/** Requests that are under way: enough to keep storage busy. */
const MOST_REQUESTS = 8;
const ZEROS = Buffer.alloc(GRAIN);

interface Request {
  readonly start: number;
  readonly end: number;
  readonly done: Promise<void>;
}

/**
 * Writes pieces that come in any order and size: those that follow one another are gathered, zeros take no space, and several
 * requests are under way at once.
 */
export class ContentWriter {
  readonly #content: VolumeContent;
  readonly #isBlank: boolean;
  readonly #requests = new Set<Request>();
  /** Buffers that no request uses. */
  readonly #free: Buffer[] = [];
  /** Where the gathered bytes belong. */
  #at = 0;
  #gathered: Buffer = Buffer.alloc(0);
  #length = 0;
  #failure: { readonly thrown: unknown } | undefined;

  /** `isBlank`: the content holds nothing but zeros, so that those that come need not be written. */
  constructor(content: VolumeContent, isBlank: boolean) {
    this.#content = content;
    this.#isBlank = isBlank;
  }

  /** Takes bytes for a place of the volume; they may be used again when it resolves. Rejects when a write has failed. */
  async put(offset: number, data: Buffer): Promise<void> {
    if (offset !== this.#at + this.#length) await this.#flush();
    if (this.#length === 0) this.#at = offset;
    for (let done = 0; done < data.length; ) {
      const whole = this.#length === 0 && this.#at % PIECE === 0 ? data.length - done - ((data.length - done) % PIECE) : 0;
      if (whole > 0) {
        await this.#putWhole(data.subarray(done, done + whole));
        done += whole;
        continue;
      }
      const room = PIECE - (this.#at % PIECE) - this.#length;
      if (this.#gathered.length === 0) this.#gathered = this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE);
      const copied = data.copy(this.#gathered, this.#length, done, done + room);
      done += copied;
      this.#length += copied;
      if (copied === room) await this.#flush();
    }
  }

  /** Resolves when everything has been written. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.settle();
    if (this.#failure) throw this.#failure.thrown;
  }

  /** Resolves when no request is under way any more, whatever became of them. */
  async settle(): Promise<void> {
    await Promise.all(Array.from(this.#requests, ({ done }) => done));
  }

  async #flush(): Promise<void> {
    const [bytes, at, length] = [this.#gathered, this.#at, this.#length];
    this.#gathered = Buffer.alloc(0);
    this.#at += length;
    this.#length = 0;
    if (this.#failure) throw this.#failure.thrown;
    if (length === 0) return;
    const { done } = await this.#send(at, bytes.subarray(0, length));
    void done.then(() => this.#free.push(bytes));
  }

  /** Writes from where the bytes are: to wait costs less than to copy them, as others come in meanwhile. */
  async #putWhole(bytes: Buffer): Promise<void> {
    const at = this.#at;
    this.#at += bytes.length;
    if (!this.#failure) await (await this.#send(at, bytes)).done;
    if (this.#failure) throw this.#failure.thrown;
  }

  async #send(at: number, bytes: Buffer): Promise<Request> {
    await this.#roomFor(at, at + bytes.length);
    const done = this.#write(at, bytes)
      .catch((thrown: unknown) => {
        this.#failure ??= { thrown };
      })
      .finally(() => {
        this.#requests.delete(request);
      });
    const request: Request = { start: at, end: at + bytes.length, done };
    this.#requests.add(request);
    return request;
  }

  /** Waits until one more request may be sent, and until none is under way for the same bytes. */
  async #roomFor(start: number, end: number): Promise<void> {
    const same = Array.from(this.#requests).filter((request) => request.start < end && start < request.end);
    await Promise.all(same.map(({ done }) => done));
    while (this.#requests.size >= MOST_REQUESTS) await Promise.race(Array.from(this.#requests, ({ done }) => done));
  }

  async #write(at: number, bytes: Buffer): Promise<void> {
    for (const { offset, bytes: part, isZero } of runs(bytes)) {
      if (!isZero) await this.#content.write(at + offset, part);
      else if (!this.#isBlank) await this.#content.zero(at + offset, part.length);
    }
  }
}

/** Bytes that are all zeros, or not known to be. */
export interface Run {
  readonly offset: number;
  readonly bytes: Buffer;
  readonly isZero: boolean;
}

/** Bytes cut where zeros begin and end. */
export function* runs(bytes: Buffer): Generator<Run> {
  let start = 0;
  let current: boolean | undefined;
  for (let at = 0; at < bytes.length; at += GRAIN) {
    const part = bytes.subarray(at, at + GRAIN);
    const isZero = part.equals(part.length === GRAIN ? ZEROS : ZEROS.subarray(0, part.length));
    if (current !== undefined && isZero !== current) {
      yield { offset: start, bytes: bytes.subarray(start, at), isZero: current };
      start = at;
    }
    current = isZero;
  }
  if (current !== undefined) yield { offset: start, bytes: bytes.subarray(start), isZero: current };
}
