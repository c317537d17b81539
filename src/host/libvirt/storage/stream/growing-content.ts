import { type FileHandle, open } from 'node:fs/promises';
import { ApiError } from '../../../../model/error.js';
import { CLUSTER } from '../../../../wire/disk/qcow2/clusters.js';
import { GrowingImage, LARGEST_GROWING } from '../../../../wire/disk/qcow2/growing-image.js';
import { ExtentList, pieces } from '../../../extents.js';
import type { Extent, VolumeContent } from '../../../volume-content.js';
import type { VolumeSource } from '../../volume-source.js';

/** Zeros that are written at a time. */
const ZEROS = Buffer.alloc(2 ** 20);

/** Bytes after which the kernel is told to bring to the disk what was written: it goes there while more comes, not at the end. */
const SYNC_EVERY = 64 * 2 ** 20;

/** Whether the content of a new image can be written to its file as it comes: a file, in which everything is zeros at first. */
export function canGrow({ kind, format, virtualSize }: VolumeSource): boolean {
  return kind === 'file' && format === 'qcow2' && virtualSize !== undefined && virtualSize <= LARGEST_GROWING;
}

/**
 * The content of an image that nobody else knows yet, written to its file at once: a fraction of the work that it is to send every
 * byte to another program. The image is one when it has been closed.
 */
export class GrowingContent implements VolumeContent {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #image: GrowingImage;
  #unsynced = 0;
  /** That which is under way; it may fail, and then so does the one at the end. */
  #syncing: Promise<void> | undefined;
  #syncFailure: unknown;
  #closing: Promise<void> | undefined;

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
    this.#image = new GrowingImage(size);
  }

  /** Takes the place of the image at a path, of a disk of so many bytes. */
  static async open(path: string, size: number): Promise<GrowingContent> {
    const file = await open(path, 'r+');
    await file.truncate(0);
    return new GrowingContent(file, size);
  }

  async read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    this.#check(offset, length);
    const bytes = (into?.subarray(0, length) ?? Buffer.allocUnsafe(length)).fill(0);
    // What a cluster of the end of the file lacks is zeros.
    for (const part of this.#image.find(offset, length))
      await asVolume(this.#file.read(bytes, part.offset - offset, part.length, part.at));
    return bytes;
  }

  async write(offset: number, data: Buffer): Promise<void> {
    this.#check(offset, data.length);
    for (const part of this.#image.place(offset, data.length)) await this.#put(data, part.offset - offset, part.length, part.at);
    this.#unsynced += data.length;
    if (this.#unsynced >= SYNC_EVERY) this.#syncSoon();
  }

  async zero(offset: number, length: number): Promise<void> {
    this.#check(offset, length);
    for (const part of this.#image.find(offset, length)) {
      for (const piece of pieces({ offset: part.at, length: part.length }, ZEROS.length))
        await this.#put(ZEROS, 0, piece.length, piece.offset);
    }
  }

  async extents(): Promise<readonly Extent[]> {
    this.#check(0, 0);
    const list = new ExtentList();
    for (const cluster of this.#image.clusters()) list.add(cluster * CLUSTER, Math.min(CLUSTER, this.size - cluster * CLUSTER));
    return list.all();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes the file without making it an image. */
  async discard(): Promise<void> {
    this.#closing ??= (this.#syncing ?? Promise.resolve()).then(() => this.#file.close());
    await this.#closing;
  }

  #syncSoon(): void {
    if (this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = this.#file
      .datasync()
      .catch((thrown: unknown) => {
        // The kernel tells of a failure once: what was lost then would not be told of at the end.
        this.#syncFailure ??= thrown;
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  async #close(): Promise<void> {
    try {
      await this.#syncing;
      const rest = this.#image.finish();
      let next = rest.next();
      for (; !next.done; next = rest.next()) await this.#put(next.value.bytes, 0, next.value.bytes.length, next.value.at);
      await asVolume(this.#file.truncate(next.value));
      await asVolume(this.#file.sync());
      if (this.#syncFailure !== undefined) await asVolume(Promise.reject(this.#syncFailure));
    } finally {
      await this.#file.close();
    }
  }

  async #put(bytes: Buffer, start: number, length: number, at: number): Promise<void> {
    for (let done = 0; done < length; )
      done += (await asVolume(this.#file.write(bytes, start + done, length - done, at + done))).bytesWritten;
  }

  #check(offset: number, length: number): void {
    if (this.#closing !== undefined) throw new ApiError('VDI_IO_ERROR', 'The disk is not open any more');
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size))
      throw new ApiError('VDI_IO_ERROR', `${length} bytes at ${offset} do not lie within the disk of ${this.size} bytes`);
  }
}

async function asVolume<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown)) throw thrown;
    if (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT') throw new ApiError('SR_FULL', '0', '0');
    throw new ApiError('VDI_IO_ERROR', thrown.message);
  }
}
