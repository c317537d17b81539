import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { v4 as newUuid } from 'uuid';
import type { NewVolume, SrSpec, Storage, Volume, VolumeAddress } from '../storage.js';

/** Bytes of a mebibyte. */
export const MIB = 2 ** 20;

/** A storage to be tested, with an SR for disks that can be made on it. */
export interface StorageFixture {
  readonly storage: Storage;
  /** Of a kind that has snapshots; not made yet. */
  readonly sr: SrSpec;
  close(): Promise<void>;
}

/** What a volume of a test is like. Size in bytes. */
export function newVolume(virtualSize = 4 * MIB): NewVolume {
  return { uuid: newUuid(), virtualSize, name: 'disk', description: 'of a test', smConfig: new Map([['k', 'v']]) };
}

/** The SR of a fixture, made and attached, with what tests do on it. */
export class StorageBench {
  readonly #storage: Storage;
  readonly #sr: string;

  private constructor({ storage, sr }: StorageFixture) {
    this.#storage = storage;
    this.#sr = sr.uuid;
  }

  static async open(fixture: StorageFixture): Promise<StorageBench> {
    await fixture.storage.createSr(fixture.sr, 1024 * MIB);
    await fixture.storage.attach(fixture.sr);
    return new StorageBench(fixture);
  }

  make(size?: number): Promise<Volume> {
    return this.#storage.createVolume(this.#sr, newVolume(size));
  }

  at({ location }: Volume): VolumeAddress {
    return { sr: this.#sr, location };
  }

  async write(volume: VolumeAddress, bytes: Buffer, offset?: number): Promise<void> {
    const stream = await this.#storage.write(volume, offset);
    stream.end(bytes);
    await finished(stream);
  }

  async read(volume: VolumeAddress, offset?: number): Promise<Buffer> {
    return buffer(await this.#storage.read(volume, offset));
  }
}
