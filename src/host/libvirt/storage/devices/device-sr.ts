import { v5 } from 'uuid';
import { ApiError } from '../../../../model/error.js';
import type { SrSpace, Volume } from '../../../storage.js';
import type { LiveDisks, VolumeSource } from '../../volume-source.js';
import type { AttachedSr, ReadableVolume, WritableVolume } from '../attached-sr.js';
import { blockDeviceAt, needUnused } from './block-device.js';

/** Under which names of SRs and devices become uuids that are the same every time. */
const DEVICE = '7c0f2a0e-0d44-4f0a-9a3b-3f5f3b6d9c11';

/** A device that is a disk as it is. Size in bytes. */
export interface DeviceVolume {
  /** The same whatever the kernel calls the device. */
  readonly location: string;
  readonly path: string;
  /** Other paths by which descriptions of domains may name it. */
  readonly aliases: readonly string[];
  readonly size: number;
  readonly readOnly: boolean;
  readonly name: string;
  readonly description: string;
  readonly smConfig: ReadonlyMap<string, string>;
}

/** What such an SR is made of. */
export interface DeviceSrParts {
  /** The devices that are there now, none of which this host uses itself. */
  list(): Promise<readonly DeviceVolume[]>;
  live(): LiveDisks;
  /** Has the kernel look how large devices are now, where it does not know by itself. Never rejects. */
  measure?(): Promise<void>;
  close?(): Promise<void>;
}

/** An SR whose disks are devices of the host as they are: none is made, changed or removed, and all is left on them that is. */
export class DeviceSr implements AttachedSr {
  readonly #uuid: string;
  readonly #parts: DeviceSrParts;
  /** Those that were seen last, by location. */
  #seen: ReadonlyMap<string, DeviceVolume> = new Map();
  /** Locations to which streams and copies write. */
  readonly #written = new Set<string>();

  private constructor(uuid: string, parts: DeviceSrParts) {
    this.#uuid = uuid;
    this.#parts = parts;
  }

  /** Looks what is there. */
  static async open(uuid: string, parts: DeviceSrParts): Promise<DeviceSr> {
    const sr = new DeviceSr(uuid, parts);
    await sr.#look();
    return sr;
  }

  async close(): Promise<void> {
    await this.#parts.close?.();
  }

  async space(): Promise<SrSpace> {
    const size = [...(await this.#look()).values()].reduce((sum, volume) => sum + volume.size, 0);
    return { physicalSize: size, physicalUtilisation: size };
  }

  async scan(): Promise<readonly Volume[]> {
    await this.#parts.measure?.();
    return Array.from((await this.#look()).values(), ({ location, size, readOnly, name, description, smConfig }) => ({
      uuid: this.#uuidOf(location),
      location,
      virtualSize: size,
      physicalUtilisation: size,
      readOnly,
      name,
      description,
      smConfig,
    }));
  }

  async source(location: string): Promise<VolumeSource> {
    return this.#sourceOf(await this.#get(location));
  }

  async reading(location: string): Promise<ReadableVolume> {
    const volume = await this.#get(location);
    const source = { ...this.#sourceOf(volume), readOnly: true };
    return { uuid: this.#uuidOf(location), source, size: volume.size, isMemory: false, layers: [location] };
  }

  async writing(location: string): Promise<WritableVolume> {
    const uuid = this.#uuidOf(location);
    const volume = await this.#get(location);
    if (volume.readOnly) throw new ApiError('VDI_READONLY', uuid);
    const user = [volume.path, ...volume.aliases].some((path) => this.#parts.live().user(path) !== undefined);
    if (user || this.#written.has(location)) throw new ApiError('VDI_IN_USE', uuid, 'write');
    await needUnused(await blockDeviceAt(volume.path));
    this.#written.add(location);
    return {
      uuid,
      source: this.#sourceOf(volume),
      size: volume.size,
      makeRoom: async () => undefined,
      release: () => void this.#written.delete(location),
    };
  }

  locate(path: string): string | undefined {
    for (const [location, volume] of this.#seen) if (volume.path === path || volume.aliases.includes(path)) return location;
    return undefined;
  }

  rewriting(): Promise<never> {
    return this.#refuse();
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

  async #look(): Promise<ReadonlyMap<string, DeviceVolume>> {
    this.#seen = new Map((await this.#parts.list()).map((volume) => [volume.location, volume]));
    return this.#seen;
  }

  /** Looks anew each time: what the kernel calls by a name may be another device by now. */
  async #get(location: string): Promise<DeviceVolume> {
    const volume = (await this.#look()).get(location);
    if (volume === undefined) throw new ApiError('VDI_MISSING', this.#uuid, location);
    return volume;
  }

  #sourceOf({ path, readOnly, size }: DeviceVolume): VolumeSource {
    return { path, kind: 'block', format: 'raw', readOnly, virtualSize: size };
  }

  #uuidOf(location: string): string {
    return v5(`${this.#uuid}/${location}`, DEVICE);
  }
}
