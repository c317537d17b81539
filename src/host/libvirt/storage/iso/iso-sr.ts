import { readdir, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { v5 } from 'uuid';
import { ApiError } from '../../../../model/error.js';
import type { SrSpace, Volume } from '../../../storage.js';
import type { VolumeSource } from '../../volume-source.js';
import type { AttachedSr, ReadableVolume } from '../attached-sr.js';
import { isFileName } from '../directory/found-images.js';
import type { Location } from '../drivers/location.js';
import { wholeSectors } from '../image/image-facts.js';

/** Under which names of SRs and images become uuids that are the same every time. */
const IMAGE = '3f0f7b52-6a1d-4f36-8c0a-2f9f6e3a1d47';
/** Images of one directory that are shown: far more than a list in any client can bear. */
const MOST_IMAGES = 10_000;

/** CD images in a directory. They are only read, so that links may lead elsewhere. */
export class IsoSr implements AttachedSr {
  readonly #uuid: string;
  readonly #location: Location;
  readonly #unmount: (() => Promise<void>) | undefined;

  /** `unmount` for a directory that is mounted for the library. */
  constructor(uuid: string, location: Location, unmount?: () => Promise<void>) {
    this.#uuid = uuid;
    this.#location = location;
    this.#unmount = unmount;
  }

  async close(): Promise<void> {
    await this.#unmount?.();
  }

  async space(): Promise<SrSpace> {
    const { blocks, bavail, bsize } = await statfs(this.#location.path);
    return { physicalSize: blocks * bsize, physicalUtilisation: (blocks - bavail) * bsize };
  }

  async scan(): Promise<readonly Volume[]> {
    const names = (await readdir(this.#location.path)).filter(isImageName).slice(0, MOST_IMAGES);
    const volumes = await Promise.all(names.map((name) => this.#volume(name)));
    return volumes.filter((volume) => volume !== undefined);
  }

  async source(location: string): Promise<VolumeSource> {
    const { virtualSize } = await this.#get(location);
    return { path: join(this.#location.path, location), kind: 'file', format: 'raw', readOnly: true, virtualSize };
  }

  async reading(location: string): Promise<ReadableVolume> {
    const { uuid, virtualSize } = await this.#get(location);
    return { uuid, source: await this.source(location), size: virtualSize, isMemory: false, layers: [location] };
  }

  locate(path: string): string | undefined {
    const { path: given, real } = this.#location;
    const directory = dirname(path);
    return (directory === given || directory === real) && isImageName(basename(path)) ? basename(path) : undefined;
  }

  async writing(location: string): Promise<never> {
    const { uuid } = await this.#get(location);
    throw new ApiError('VDI_READONLY', uuid);
  }

  rewriting(location: string): Promise<never> {
    return this.writing(location);
  }

  create(): Promise<never> {
    return this.#refuse();
  }

  destroy(): Promise<never> {
    return this.#refuse();
  }

  resize(): Promise<never> {
    return this.#refuse();
  }

  snapshot(): Promise<never> {
    return this.#refuse();
  }

  clone(): Promise<never> {
    return this.#refuse();
  }

  revert(): Promise<never> {
    return this.#refuse();
  }

  memoryImage(): Promise<never> {
    return this.#refuse();
  }

  async #refuse(): Promise<never> {
    throw new ApiError('SR_OPERATION_NOT_SUPPORTED', this.#uuid);
  }

  async #get(location: string): Promise<Volume> {
    const volume = isImageName(location) ? await this.#volume(location) : undefined;
    if (volume === undefined) throw new ApiError('VDI_MISSING', this.#uuid, location);
    return volume;
  }

  async #volume(name: string): Promise<Volume | undefined> {
    const stats = await stat(join(this.#location.path, name)).catch(() => undefined);
    if (!stats?.isFile()) return undefined;
    return {
      uuid: v5(`${this.#uuid}/${name}`, IMAGE),
      location: name,
      virtualSize: wholeSectors(stats.size),
      physicalUtilisation: stats.blocks * 512,
      readOnly: true,
      name,
      description: '',
      smConfig: new Map(),
    };
  }
}

function isImageName(name: string): boolean {
  return isFileName(name) && /\.(?:iso|img)$/i.test(name);
}
