import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 } from 'uuid';
import { ApiError } from '../../../model/error.js';
import type { Spool } from '../../../wire/disk/spool.js';

/** Most bytes that are kept: compressed images of systems have some gigabytes. */
const MOST_KEPT = 64 * 2 ** 30;
/** Share of the file system that stays free for others. */
const LEFT_FREE = 0.1;
/** Most ranges that are told apart; what passes is kept in few and long ones. */
const MOST_RANGES = 2 ** 18;

interface Range {
  readonly start: number;
  end: number;
}

/** Keeps parts of a stream in a file that nobody else sees, at the places that they had in the stream; it is sparse. */
export class FileSpool implements Spool {
  readonly #directory: string;
  /** Ascending, and none touches another: a stream passes once. */
  readonly #ranges: Range[] = [];
  #file: FileHandle | undefined;
  #kept = 0;
  #room = 0;

  constructor(directory = tmpdir()) {
    this.#directory = directory;
  }

  async keep(at: number, bytes: Buffer): Promise<void> {
    this.#file ??= await this.#make();
    this.#kept += bytes.length;
    const last = this.#ranges.at(-1);
    if (last !== undefined && last.end === at) last.end += bytes.length;
    else if (last !== undefined && at < last.end) throw new TypeError('a stream does not go back');
    else this.#ranges.push({ start: at, end: at + bytes.length });
    if (this.#kept > this.#room || this.#ranges.length > MOST_RANGES)
      throw new ApiError('IMPORT_ERROR', 'the image has its parts in an order for which more has to be kept than there is room');
    await this.#file.write(bytes, 0, bytes.length, at);
  }

  async find(at: number, length: number): Promise<Buffer | undefined> {
    const range = this.#rangeOf(at);
    if (this.#file === undefined || length <= 0 || range === undefined || at + length > range.end) return undefined;
    const bytes = Buffer.allocUnsafe(length);
    await this.#file.read(bytes, 0, length, at);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  #rangeOf(at: number): Range | undefined {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.start ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low - 1];
    return range !== undefined && at < range.end ? range : undefined;
  }

  /** The file has no name any more when it is used: nothing of it is left, however the daemon ends. */
  async #make(): Promise<FileHandle> {
    const path = join(this.#directory, `xenapi-gateway-${v4()}`);
    const file = await open(path, 'wx+', 0o600);
    await rm(path);
    const { bavail, blocks, bsize } = await statfs(this.#directory);
    this.#room = Math.min(MOST_KEPT, Math.max(0, bavail - blocks * LEFT_FREE) * bsize);
    return file;
  }
}
