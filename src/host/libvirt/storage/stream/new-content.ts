import type { Extent, VolumeContent, VolumeRewrite } from '../../../volume-content.js';
import type { RewrittenVolume } from '../attached-sr.js';
import { asVolumeError } from '../image/image-error.js';
import { canGrow, GrowingContent } from './growing-content.js';
import { ImageContent } from './image-content.js';
import { openImage } from './image-server.js';

/** Opens the image that has new content of a volume. When it rejects, the volume keeps what it has. */
export async function openNewContent(volume: RewrittenVolume, runDirectory: string): Promise<VolumeRewrite> {
  const { source, size } = volume;
  try {
    if (canGrow(source)) {
      const content = await GrowingContent.open(source.path, size);
      return new NewContent(volume, content, () => content.discard());
    }
    const image = await openImage(source, runDirectory);
    const content = new ImageContent({ ...volume, isWritable: true, release: () => undefined }, image);
    return new NewContent(volume, content, () => content.close());
  } catch (thrown) {
    await volume.drop();
    throw asVolumeError(thrown, volume.uuid, 'write');
  }
}

class NewContent implements VolumeRewrite {
  readonly #volume: RewrittenVolume;
  readonly #content: VolumeContent;
  readonly #discard: () => Promise<void>;
  #ended: Promise<void> | undefined;

  /** `discard` closes content that nobody wants. */
  constructor(volume: RewrittenVolume, content: VolumeContent, discard: () => Promise<void>) {
    this.#volume = volume;
    this.#content = content;
    this.#discard = discard;
  }

  get size(): number {
    return this.#content.size;
  }

  read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    return this.#content.read(offset, length, into);
  }

  write(offset: number, data: Buffer): Promise<void> {
    return this.#content.write(offset, data);
  }

  zero(offset: number, length: number): Promise<void> {
    return this.#content.zero(offset, length);
  }

  extents(): Promise<readonly Extent[]> {
    return this.#content.extents();
  }

  close(): Promise<void> {
    this.#ended ??= this.#commit();
    return this.#ended;
  }

  abandon(): Promise<void> {
    // What becomes of an image that goes does not matter.
    this.#ended ??= this.#discard()
      .catch(() => undefined)
      .then(() => this.#volume.drop());
    return this.#ended;
  }

  async #commit(): Promise<void> {
    try {
      await this.#content.close();
    } catch (thrown) {
      await this.#volume.drop();
      throw thrown;
    }
    try {
      await this.#volume.commit();
    } catch (thrown) {
      throw asVolumeError(thrown, this.#volume.uuid, 'write');
    }
  }
}
