import { type FileHandle, open } from 'node:fs/promises';
import { ExtentList } from '../../../extents.js';
import type { Extent } from '../../../volume-content.js';
import type { VolumeSource } from '../../volume-source.js';
import { ImageError } from '../image/image-error.js';
import { type MappedData, mapImage } from '../image/image-map.js';

/**
 * Reads a disk that nobody writes to from the files of its images, where QEMU has told what lies in them: a fraction of the work that
 * it is to get every byte from another program.
 */
export class DirectReads {
  readonly #parts: readonly MappedData[];
  readonly #files: ReadonlyMap<string, FileHandle>;

  private constructor(parts: readonly MappedData[], files: ReadonlyMap<string, FileHandle>) {
    this.#parts = parts;
    this.#files = files;
  }

  /** Undefined where the disk cannot be read so. Whoever calls keeps the images from being written to. */
  static async open(source: VolumeSource): Promise<DirectReads | undefined> {
    const parts = await mapImage(source);
    if (parts === undefined) return undefined;
    const files = new Map<string, FileHandle>();
    try {
      for (const { file } of parts) if (!files.has(file)) files.set(file, await open(file, 'r'));
    } catch {
      // QEMU's own program can say better what is wrong with it.
      for (const file of files.values()) await file.close();
      return undefined;
    }
    return new DirectReads(parts, files);
  }

  /** The parts that may be anything but zeros, within a disk of so many bytes. */
  extents(size: number): readonly Extent[] {
    const list = new ExtentList();
    for (const { offset, length } of this.#parts) list.add(offset, Math.min(length, size - offset));
    return list.all();
  }

  /** Fills memory with the bytes from an offset on. Rejects with ImageError. */
  async read(offset: number, into: Buffer): Promise<void> {
    const end = offset + into.length;
    let at = offset;
    for (let index = this.#firstAfter(offset); at < end; index++) {
      const part = this.#parts[index];
      const start = part === undefined ? end : Math.min(end, Math.max(at, part.offset));
      if (start > at) into.fill(0, at - offset, start - offset);
      if (part === undefined || start === end) return;
      const stop = Math.min(end, part.offset + part.length);
      await this.#readPart(part, start, into.subarray(start - offset, stop - offset));
      at = stop;
    }
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
  }

  async #readPart({ file, at, offset }: MappedData, start: number, into: Buffer): Promise<void> {
    const handle = this.#files.get(file);
    if (handle === undefined) throw new ImageError('failed', 'an image is not open any more');
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await handle
        .read(into, done, into.length - done, at + start - offset + done)
        .catch((thrown: Error) => {
          throw new ImageError('failed', thrown.message);
        });
      // The last cluster of an image may be cut off where its data ends.
      if (bytesRead === 0) into.fill(0, done);
      done = bytesRead === 0 ? into.length : done + bytesRead;
    }
  }

  /** Index of the first part that ends behind an offset. */
  #firstAfter(offset: number): number {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const part = this.#parts[middle];
      if (part !== undefined && part.offset + part.length <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
