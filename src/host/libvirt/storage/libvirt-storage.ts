import { copyFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { ApiError } from '../../../model/error.js';
import { Mutex } from '../../mutex.js';
import type { Watch } from '../../progress.js';
import type { NewVolume, ProbeFinding, SrSpace, SrSpec, Storage, StorageDriver, Volume, VolumeAddress } from '../../storage.js';
import type { LiveDisks, VolumeSource, VolumeSources } from '../volume-source.js';
import type { AttachedSr } from './attached-sr.js';
import { coveringSr } from './drivers/cover.js';
import { DRIVERS, driverOf } from './drivers/drivers.js';
import type { Environment } from './drivers/sr-driver.js';
import { asVolumeError } from './image/image-error.js';
import { copyImage } from './image/qemu-img.js';
import { openImage } from './stream/image-server.js';
import { VolumeReader } from './stream/volume-reader.js';
import { VolumeWriter } from './stream/volume-writer.js';
import type { Warn } from './tree/intents.js';

/** What the storage of a libvirt host works with. */
export interface StorageSurroundings {
  /** The domains that use volumes. They must be known when an SR is attached. */
  live(): LiveDisks;
  readonly warn: Warn;
  /** Directory for sockets; root's own. */
  readonly runDirectory: string;
}

/** The storage of a libvirt host: which SRs it has attached, each by the driver of its type. */
export class LibvirtStorage implements Storage, VolumeSources {
  readonly #environment: Environment;
  readonly #runDirectory: string;
  readonly #attached = new Map<string, AttachedSr>();
  /** SRs come and go one after the other: two of one directory would work against each other. */
  readonly #mutex = new Mutex();

  constructor({ live, warn, runDirectory }: StorageSurroundings) {
    this.#environment = { live, warn };
    this.#runDirectory = runDirectory;
  }

  drivers(): readonly StorageDriver[] {
    return Array.from(DRIVERS.values(), ({ facts }) => facts);
  }

  createSr(sr: SrSpec, size: number): Promise<void> {
    return this.#mutex.run(() => asStorage(() => driverOf(sr.type).create(sr, size)));
  }

  destroySr(sr: SrSpec): Promise<void> {
    return this.#mutex.run(async () => {
      await asStorage(() => driverOf(sr.type).destroy(sr));
      this.#attached.delete(sr.uuid);
    });
  }

  probe(type: string, deviceConfig: ReadonlyMap<string, string>): Promise<readonly ProbeFinding[]> {
    return asStorage(() => driverOf(type).probe(deviceConfig));
  }

  attach(sr: SrSpec): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#attached.has(sr.uuid)) return;
      this.#attached.set(sr.uuid, await asStorage(() => driverOf(sr.type).attach(sr, this.#environment)));
    });
  }

  async detach(sr: string): Promise<void> {
    this.#attached.delete(sr);
  }

  /** Uuids of the SRs that are attached. */
  attachedSrs(): readonly string[] {
    return [...this.#attached.keys()];
  }

  space(sr: string): Promise<SrSpace> {
    return this.#on(sr, (attached) => attached.space());
  }

  scan(sr: string): Promise<readonly Volume[]> {
    return this.#on(sr, (attached) => attached.scan());
  }

  createVolume(sr: string, volume: NewVolume): Promise<Volume> {
    return this.#on(sr, (attached) => attached.create(volume));
  }

  destroyVolume({ sr, location }: VolumeAddress): Promise<void> {
    return this.#on(sr, (attached) => attached.destroy(location));
  }

  resizeVolume({ sr, location }: VolumeAddress, size: number): Promise<Volume> {
    return this.#on(sr, (attached) => attached.resize(location, size));
  }

  snapshotVolume({ sr, location }: VolumeAddress, uuid: string): Promise<Volume> {
    return this.#on(sr, (attached) => attached.snapshot(location, uuid));
  }

  cloneVolume({ sr, location }: VolumeAddress, uuid: string): Promise<Volume> {
    return this.#on(sr, (attached) => attached.clone(location, uuid));
  }

  async copyVolume({ sr, location }: VolumeAddress, destinationSr: string, copy: NewVolume, watch: Watch): Promise<Volume> {
    const to = this.#sr(destinationSr);
    return this.#on(sr, async (from) => {
      const { source, size, isMemory } = await from.reading(location);
      if (copy.virtualSize < size) throw new ApiError('VDI_TOO_SMALL', copy.uuid, String(size));
      const volume = await to.create(copy, (target) =>
        isMemory ? copyFile(source.path, target.memoryPath) : copyImage(source, target.source, true, watch),
      );
      watch.progress(1);
      return volume;
    });
  }

  async copyInto({ sr, location }: VolumeAddress, destination: VolumeAddress, watch: Watch): Promise<void> {
    const to = this.#sr(destination.sr);
    await this.#on(sr, async (from) => {
      const { source, size } = await from.reading(location);
      const target = await to.writing(destination.location);
      try {
        if (target.size < size) throw new ApiError('VDI_TOO_SMALL', target.uuid, String(size));
        await copyImage(source, target.source, false, watch);
        watch.progress(1);
      } catch (thrown) {
        throw asVolumeError(thrown, target.uuid, 'copy', size);
      } finally {
        target.release();
      }
    });
  }

  revertVolume({ sr, location }: VolumeAddress, snapshot: VolumeAddress): Promise<Volume> {
    return this.#on(sr, async (attached) => {
      if (snapshot.sr !== sr) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', sr);
      return attached.revert(location, snapshot.location);
    });
  }

  read({ sr, location }: VolumeAddress, offset = 0): Promise<Readable> {
    return this.#on(sr, async (attached) => {
      const { uuid, source, size } = await attached.reading(location);
      needOffset(offset);
      try {
        return new VolumeReader(uuid, await openImage(source, this.#runDirectory), size, offset);
      } catch (thrown) {
        throw asVolumeError(thrown, uuid, 'read');
      }
    });
  }

  write({ sr, location }: VolumeAddress, offset = 0): Promise<Writable> {
    return this.#on(sr, async (attached) => {
      needOffset(offset);
      const volume = await attached.writing(location);
      try {
        return new VolumeWriter(volume, await openImage(volume.source, this.#runDirectory), offset);
      } catch (thrown) {
        volume.release();
        throw asVolumeError(thrown, volume.uuid, 'write');
      }
    });
  }

  source({ sr, location }: VolumeAddress): Promise<VolumeSource> {
    return this.#on(sr, (attached) => attached.source(location));
  }

  memoryImage({ sr, location }: VolumeAddress): Promise<string> {
    return this.#on(sr, (attached) => attached.memoryImage(location));
  }

  locate(path: string): VolumeAddress | undefined {
    for (const [sr, attached] of this.#attached) {
      const location = attached.locate(path);
      if (location !== undefined) return { sr, location };
    }
    return undefined;
  }

  cover(path: string): ReturnType<VolumeSources['cover']> {
    return coveringSr(path);
  }

  #sr(uuid: string): AttachedSr {
    const attached = this.#attached.get(uuid);
    if (attached === undefined) throw new ApiError('SR_NOT_ATTACHED', uuid);
    return attached;
  }

  #on<T>(sr: string, work: (attached: AttachedSr) => Promise<T>): Promise<T> {
    return asStorage(() => work(this.#sr(sr)));
  }
}

/** Does work on storage; what the operating system refuses becomes an error of the model. */
async function asStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || thrown instanceof ApiError) throw thrown;
    if (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT') throw new ApiError('SR_FULL', '0', '0');
    throw new ApiError('SR_BACKEND_FAILURE', String(thrown.code), '', thrown.message);
  }
}

function needOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new ApiError('INVALID_VALUE', 'offset', String(offset));
}
