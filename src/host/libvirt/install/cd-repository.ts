import { Readable } from 'node:stream';
import type { Storage, VolumeAddress } from '../../storage.js';
import { IsoImage } from './iso/iso-image.js';
import type { Repository, RepositoryFile } from './repository.js';
import { VolumeBytes, volumeContent } from './volume-bytes.js';

/** A repository on the CD whose image is that volume. Rejects with RepositoryError when it is none, else as storage does. */
export async function cdRepository(storage: Pick<Storage, 'read'>, volume: VolumeAddress): Promise<Repository> {
  const bytes = new VolumeBytes(storage, volume);
  const image = await IsoImage.open((offset, length) => bytes.read(offset, length));
  return {
    async open(path): Promise<RepositoryFile | undefined> {
      const found = await image.find(path);
      if (!found) return undefined;
      const { offset, size } = found;
      // Another image may be in the same place tomorrow.
      return { tag: undefined, size, content: Readable.from(volumeContent(storage, volume, offset, size)) };
    },
    close: async () => undefined,
  };
}
