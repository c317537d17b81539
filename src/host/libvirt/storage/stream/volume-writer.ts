import { Writable } from 'node:stream';
import { ApiError } from '../../../../model/error.js';
import { type Run, runs } from '../../../content-writer.js';
import type { WritableVolume } from '../attached-sr.js';
import type { OpenImage } from './image-server.js';
import { asStreamError } from './volume-reader.js';

/** Bytes that are written at a time, and at whose multiples writes begin. */
const PIECE = 2 ** 20;
/** Requests that are under way: enough to keep the server busy. */
const MOST_REQUESTS = 8;

/**
 * Takes bytes for a volume from an offset on. Zeros take no space. When it has finished, all is on the disk and others can
 * open the volume.
 */
export class VolumeWriter extends Writable {
  readonly #volume: WritableVolume;
  readonly #image: OpenImage;
  readonly #requests = new Set<Promise<void>>();
  /** Where the gathered bytes belong. */
  #at: number;
  #gathered: Buffer[] = [];
  #length = 0;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(volume: WritableVolume, image: OpenImage, offset: number) {
    super({ highWaterMark: PIECE });
    this.#volume = volume;
    this.#image = image;
    this.#at = offset;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take(chunk).then(() => done(this.#failure), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finish().then(
      () => done(),
      (thrown: unknown) => done(this.#asError(thrown)),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#close().then(
      () => done(error),
      (thrown: unknown) => done(error ?? this.#asError(thrown)),
    );
  }

  async #take(chunk: Buffer): Promise<void> {
    if (this.#at + this.#length + chunk.length > this.#volume.size) {
      throw new ApiError('VDI_IO_ERROR', 'Write behind the end of the disk');
    }
    this.#gathered.push(chunk);
    this.#length += chunk.length;
    // Up to a border, so that later writes begin at one.
    const whole = this.#length - ((this.#at + this.#length) % PIECE);
    if (this.#length >= PIECE) await this.#flush(whole);
  }

  async #finish(): Promise<void> {
    await this.#flush(this.#length);
    await Promise.all(this.#requests);
    if (this.#failure) throw this.#failure;
    await this.#image.disk.flush();
    await this.#close();
  }

  async #flush(length: number): Promise<void> {
    const all = Buffer.concat(this.#gathered, this.#length);
    for (let start = 0; start < length; ) {
      const border = start + PIECE - ((this.#at + start) % PIECE);
      const end = Math.min(border, length);
      for (const run of runs(all.subarray(start, end))) await this.#send(this.#at + start + run.offset, run);
      start = end;
    }
    this.#at += length;
    this.#length -= length;
    this.#gathered = this.#length > 0 ? [all.subarray(length)] : [];
  }

  async #send(offset: number, { bytes, isZero }: Run): Promise<void> {
    while (this.#requests.size >= MOST_REQUESTS) await Promise.race(this.#requests);
    if (this.#failure) throw this.#failure;
    const { disk } = this.#image;
    const request = this.#volume
      .makeRoom(bytes.length)
      .then(() => (isZero ? disk.writeZeroes(offset, bytes.length) : disk.write(offset, bytes)))
      .catch((thrown: unknown) => {
        this.#failure ??= this.#asError(thrown);
      })
      .finally(() => this.#requests.delete(request));
    this.#requests.add(request);
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#image.close();
    } finally {
      this.#volume.release();
    }
  }

  #asError(thrown: unknown): Error {
    return asStreamError(thrown, this.#volume.uuid, 'write');
  }
}
