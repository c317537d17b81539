import { ApiError } from '../../../../model/error.js';
import { CONTEXT, STATE_ZERO } from '../../../../wire/nbd/numbers.js';
import { ExtentList, pieces } from '../../../extents.js';
import type { Extent, VolumeContent } from '../../../volume-content.js';
import { asVolumeError } from '../image/image-error.js';
import { DirectReads } from './direct-reads.js';
import type { OpenImage } from './image-server.js';

/** Bytes that go into one request: QEMU takes 32 MiB at most. */
const REQUEST = 2 ** 23;
/** Bytes that one request makes zeros or asks about, within what its 32 bits can hold. */
const LARGE_REQUEST = 2 ** 30;

/** Zeros of which an image takes note in one byte. */
const ZEROS = 8192;

/** A volume of which an image is the content. */
export interface ImageVolume {
  readonly uuid: string;
  /** Bytes of the volume; what lies behind the end of the image is zeros. */
  readonly size: number;
  readonly isWritable: boolean;
  /** To be called before so many bytes are written in one piece, or zeros. Rejects with ImageError. */
  makeRoom(bytes: number): Promise<void>;
  /** Lets others have the volume. */
  release(): void;
}

/** The content of a volume through the server of its image. */
export class ImageContent implements VolumeContent {
  readonly #volume: ImageVolume;
  readonly #image: OpenImage;
  /** Asked for when somebody asks for the parts, as those do who read all of it. */
  #direct: Promise<DirectReads | undefined> | undefined;
  #closing: Promise<void> | undefined;

  /** `image` also keeps others from writing into what is read here. */
  constructor(volume: ImageVolume, image: OpenImage) {
    this.#volume = volume;
    this.#image = image;
  }

  get size(): number {
    return this.#volume.size;
  }

  async read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    this.#check(offset, length);
    const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
    const there = Math.min(length, Math.max(0, this.#image.disk.size - offset));
    bytes.fill(0, there);
    const direct = await this.#direct;
    if (direct !== undefined) await this.#asVolume('read', direct.read(offset, bytes.subarray(0, there)));
    else {
      for (const piece of pieces({ offset, length: there }, REQUEST)) {
        const start = piece.offset - offset;
        await this.#asVolume('read', this.#image.disk.read(piece.offset, bytes.subarray(start, start + piece.length)));
      }
    }
    return bytes;
  }

  async write(offset: number, data: Buffer): Promise<void> {
    this.#checkWrite(offset, data.length);
    for (const piece of pieces({ offset, length: data.length }, REQUEST)) {
      const start = piece.offset - offset;
      const bytes = data.subarray(start, start + piece.length);
      await this.#asVolume(
        'write',
        this.#withRoom(bytes.length, () => this.#image.disk.write(piece.offset, bytes)),
      );
    }
  }

  async zero(offset: number, length: number): Promise<void> {
    this.#checkWrite(offset, length);
    for (const piece of pieces({ offset, length }, LARGE_REQUEST)) {
      const { offset: at, length: zeros } = piece;
      await this.#asVolume(
        'write',
        this.#withRoom(Math.ceil(zeros / ZEROS), () => this.#image.disk.writeZeroes(at, zeros)),
      );
    }
  }

  async extents(): Promise<readonly Extent[]> {
    this.#check(0, 0);
    if (!this.#volume.isWritable) {
      this.#direct ??= DirectReads.open(this.#image.source);
      const direct = await this.#direct;
      if (direct !== undefined) return direct.extents(this.#image.disk.size);
    }
    return this.#asVolume('read', filledBlocks(this.#image));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { isWritable } = this.#volume;
    try {
      // What cannot be made durable is told after others can have the volume.
      const flushed = isWritable ? this.#asVolume('write', this.#image.disk.flush()) : Promise.resolve();
      await flushed.finally(() => this.#image.close());
      await (await this.#direct)?.close();
    } catch (thrown) {
      throw asVolumeError(thrown, this.#volume.uuid, 'write');
    } finally {
      this.#volume.release();
    }
  }

  #checkWrite(offset: number, length: number): void {
    this.#check(offset, length);
    if (!this.#volume.isWritable) throw new ApiError('VDI_IO_ERROR', 'The disk is open for reading only');
  }

  #check(offset: number, length: number): void {
    if (this.#closing !== undefined) throw new ApiError('VDI_IO_ERROR', 'The disk is not open any more');
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size))
      throw new ApiError('VDI_IO_ERROR', `${length} bytes at ${offset} do not lie within the disk of ${this.size} bytes`);
  }

  async #withRoom(bytes: number, work: () => Promise<void>): Promise<void> {
    await this.#volume.makeRoom(bytes);
    await work();
  }

  async #asVolume<T>(operation: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      throw asVolumeError(thrown, this.#volume.uuid, operation);
    }
  }
}

/** The blocks of an image that are wanted for their state in one of the contexts that it was opened with. */
export async function blocksOf(
  { disk }: OpenImage,
  context: string,
  isWanted: (state: number) => boolean,
): Promise<readonly Extent[]> {
  const list = new ExtentList();
  for (let at = 0; at < disk.size; ) {
    const found = (await disk.blockStatus(at, Math.min(LARGE_REQUEST, disk.size - at))).get(context) ?? [];
    const start = at;
    for (const { length, state } of found) {
      const end = Math.min(at + length, disk.size);
      if (isWanted(state)) list.add(at, end - at);
      at = end;
    }
    if (at === start) throw new ApiError('VDI_IO_ERROR', 'The server of the image does not tell of its blocks');
  }
  return list.all();
}

/** The blocks of an image that may be anything but zeros. */
export function filledBlocks(image: OpenImage): Promise<readonly Extent[]> {
  return blocksOf(image, CONTEXT.allocation, (state) => (state & STATE_ZERO) === 0);
}
