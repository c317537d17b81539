import type { Readable, Writable } from 'node:stream';
import { ApiError } from '../../../model/error.js';
import type { Watch } from '../../progress.js';
import type {
  NewVolume,
  ProbeFinding,
  SrSpace,
  SrSpec,
  Storage,
  StorageDriver,
  Volume,
  VolumeAddress,
  VolumeLabel,
} from '../../storage.js';
import { refusal } from '../../storage-refusal.js';
import type { Extent, VolumeAccess, VolumeContent, VolumeRewrite } from '../../volume-content.js';
import { copyContent } from './copy.js';
import { DRIVERS, driverOf } from './drivers.js';
import { probeStorage } from './probe.js';
import type { SrRegistry } from './sr-registry.js';
import type { SrStore } from './sr-store.js';
import { changesOf, openContent, rewriteContent } from './store-content.js';
import { volumeReader, volumeWriter } from './streams.js';

/** The storage of one emulated host: which SRs of the world it has attached. */
export class EmulatedStorage implements Storage {
  private readonly host: string;
  private readonly registry: SrRegistry;
  private readonly attached = new Set<string>();

  constructor(host: string, registry: SrRegistry) {
    this.host = host;
    this.registry = registry;
  }

  drivers(): readonly StorageDriver[] {
    return [...DRIVERS.values(), ...this.registry.adoptedDrivers()];
  }

  async createSr(sr: SrSpec, size: number): Promise<void> {
    this.registry.create(sr, size, this.host);
  }

  async destroySr(sr: SrSpec): Promise<void> {
    if (!this.registry.isAdopted(sr.uuid)) driverOf(sr.type);
    if (!this.registry.has(sr.uuid, this.host)) throw refusal('srNotThere', `There is no SR ${sr.uuid}`);
    this.attached.delete(sr.uuid);
    await this.registry.destroy(sr.uuid);
  }

  probe(
    type: string,
    deviceConfig: ReadonlyMap<string, string>,
    _smConfig: ReadonlyMap<string, string>,
  ): Promise<readonly ProbeFinding[]> {
    return probeStorage(this.registry, this.host, type, deviceConfig);
  }

  async attach(sr: SrSpec): Promise<void> {
    const driver = this.registry.isAdopted(sr.uuid) ? undefined : driverOf(sr.type);
    driver?.check(sr.deviceConfig);
    if (!this.registry.has(sr.uuid, this.host)) {
      if (!driver?.appears) throw refusal('srNotThere', `There is no SR ${sr.uuid} at this place`);
      this.registry.create(sr, 0, this.host);
    }
    this.registry.open(sr.uuid);
    this.attached.add(sr.uuid);
  }

  async detach(sr: string): Promise<void> {
    this.attached.delete(sr);
  }

  async space(sr: string): Promise<SrSpace> {
    return this.store(sr).space();
  }

  async utilisations(sr: string): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.scan(sr)).map(({ location, physicalUtilisation }) => [location, physicalUtilisation]));
  }

  async scan(sr: string): Promise<readonly Volume[]> {
    return this.store(sr).list();
  }

  async createVolume(sr: string, volume: NewVolume): Promise<Volume> {
    return this.store(sr).create(volume, volume.uuid);
  }

  async destroyVolume({ sr, location }: VolumeAddress): Promise<void> {
    await this.store(sr).destroy(location);
  }

  async resizeVolume({ sr, location }: VolumeAddress, size: number): Promise<Volume> {
    return this.store(sr).resize(location, size);
  }

  async labelVolume({ sr, location }: VolumeAddress, label: VolumeLabel): Promise<void> {
    await this.store(sr).label(location, label);
  }

  async snapshotVolume({ sr, location }: VolumeAddress, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.store(sr).snapshot(location, uuid, properties);
  }

  async cloneVolume({ sr, location }: VolumeAddress, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.store(sr).clone(location, uuid, properties);
  }

  async copyVolume(volume: VolumeAddress, destinationSr: string, copy: NewVolume, watch: Watch): Promise<Volume> {
    const from = { store: this.store(volume.sr), location: volume.location };
    const needed = from.store.volume(from.location).size;
    if (copy.virtualSize < needed) throw new ApiError('VDI_TOO_SMALL', copy.uuid, String(needed));
    const to = { store: this.store(destinationSr), location: copy.uuid };
    await to.store.create(copy, copy.uuid);
    try {
      await copyContent(from, to, watch);
    } catch (thrown) {
      await to.store.destroy(copy.uuid);
      throw thrown;
    }
    return to.store.describeAt(copy.uuid);
  }

  async copyInto(volume: VolumeAddress, destination: VolumeAddress, watch: Watch): Promise<void> {
    const from = { store: this.store(volume.sr), location: volume.location };
    const to = { store: this.store(destination.sr), location: destination.location };
    const needed = from.store.volume(from.location).size;
    const target = to.store.writable(to.location);
    if (target.size < needed) throw new ApiError('VDI_TOO_SMALL', target.uuid, String(needed));
    await copyContent(from, to, watch);
  }

  async revertVolume({ sr, location }: VolumeAddress, snapshot: VolumeAddress): Promise<Volume> {
    if (snapshot.sr !== sr) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', sr);
    return this.store(sr).revert(location, snapshot.location);
  }

  async open({ sr, location }: VolumeAddress, access: VolumeAccess): Promise<VolumeContent> {
    return openContent(this.store(sr), location, access);
  }

  async rewrite({ sr, location }: VolumeAddress): Promise<VolumeRewrite> {
    return rewriteContent(this.store(sr), location);
  }

  async changes(volume: VolumeAddress, base: VolumeAddress): Promise<readonly Extent[]> {
    const disk = { store: this.store(volume.sr), location: volume.location };
    return changesOf(disk, { store: this.store(base.sr), location: base.location });
  }

  async read({ sr, location }: VolumeAddress, offset = 0): Promise<Readable> {
    const store = this.store(sr);
    store.volume(location);
    return volumeReader(store, location, offset);
  }

  async write({ sr, location }: VolumeAddress, offset = 0): Promise<Writable> {
    const store = this.store(sr);
    store.writable(location);
    return volumeWriter(store, location, offset);
  }

  /** The SR if this host has it attached; throws SR_NOT_ATTACHED. */
  store(sr: string): SrStore {
    if (!this.attached.has(sr) || !this.registry.has(sr, this.host)) throw new ApiError('SR_NOT_ATTACHED', sr);
    return this.registry.open(sr);
  }

  /** Uuids of the SRs that are attached. */
  attachedSrs(): readonly string[] {
    return [...this.attached];
  }

  /** What a host loses when it goes down. */
  detachAll(): void {
    this.attached.clear();
  }
}
