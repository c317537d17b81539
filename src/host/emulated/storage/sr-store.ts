import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { ApiError } from '../../../model/error.js';
import { Mutex } from '../../mutex.js';
import type { NewVolume, SrSpace, Volume, VolumeLabel } from '../../storage.js';
import { refusal } from '../../storage-refusal.js';
import { isUuid } from '../../uuid-text.js';
import { Journal } from '../journal.js';
import { BLOCK } from './block-map.js';
import { Chain } from './chain.js';
import { Coalescer } from './coalescer.js';
import type { EmulatedDriver } from './drivers.js';
import { NodeFiles } from './node-files.js';
import { VolumeTree } from './tree.js';
import type { NodeRecord, VolumeRecord } from './volume-record.js';

/** Layers of one disk: every read looks through them, so their number is bounded as the original's is. */
const MAX_CHAIN = 30;
/** Largest disk in bytes: the largest file that ext4 holds, in whole blocks. */
export const MAX_VOLUME = 2 ** 44 - BLOCK;

/**
 * The content of one SR: real, sparse files in its directory. A disk is a chain of nodes; a snapshot or clone makes the
 * newest node a base that is no longer written and puts an empty node on it, in the same time whatever the size. Files
 * appear with the first write.
 */
export class SrStore {
  readonly uuid: string;
  readonly driver: EmulatedDriver;
  private readonly physicalSize: number;
  private readonly journal: Journal;
  private readonly tree: VolumeTree;
  private readonly files: NodeFiles;
  private readonly mutex = new Mutex();
  private readonly coalescer: Coalescer;
  /** Locations of disks that somebody has open for writing. */
  private readonly locked = new Set<string>();

  /** Opens the SR that lies in the directory, or starts an empty one there. Size in bytes. */
  constructor(uuid: string, directory: string, driver: EmulatedDriver, size: number, warn: (message: string) => void) {
    this.uuid = uuid;
    this.driver = driver;
    this.physicalSize = size;
    this.journal = new Journal(join(directory, 'volumes.journal'), 'emulated-volumes', warn);
    this.tree = new VolumeTree(uuid, this.journal, warn);
    this.files = new NodeFiles(directory, readdirSync(directory));
    this.coalescer = new Coalescer(this.tree, this.files, this.mutex, warn);
    // Not after damage, when the files may be all that is left.
    if (this.journal.intact) this.coalescer.removeStrays();
    this.coalescer.start();
  }

  list(): Promise<readonly Volume[]> {
    return this.mutex.run(() => this.describeAll());
  }

  async space(): Promise<SrSpace> {
    return { physicalSize: this.physicalSize, physicalUtilisation: await this.mutex.run(() => this.utilisation()) };
  }

  create(volume: NewVolume, location: string, readOnly = false): Promise<Volume> {
    return this.mutex.run(async () => {
      this.needFeature(this.driver.writable || readOnly);
      this.checkNew(volume.uuid, location);
      await this.needSpace(volume.uuid, volume.virtualSize, volume.virtualSize);
      const { uuid, virtualSize: size, name, description, properties, smConfig } = volume;
      const node = newUuid();
      const record = { uuid, location, size, readOnly, name, description, properties, smConfig, node };
      this.tree.change({ volumes: { [location]: record }, nodes: { [node]: { size, parent: null } } });
      return this.describe(record);
    });
  }

  /**
   * Takes in a disk of a pool elsewhere: it reads as zeros and counts for the `claimed` bytes that it took there. Whether
   * there is room, was asked there. Throws UUID_INVALID, VDI_TOO_LARGE.
   */
  adopt(volume: NewVolume, location: string, claimed: number): Promise<void> {
    return this.mutex.run(async () => {
      this.checkNew(volume.uuid, location);
      const { uuid, virtualSize: size, name, description, smConfig } = volume;
      if (size > MAX_VOLUME) throw new ApiError('VDI_TOO_LARGE', uuid, String(MAX_VOLUME));
      const node = newUuid();
      const record = { uuid, location, size, readOnly: false, name, description, smConfig, claimed, node };
      this.tree.change({ volumes: { [location]: record }, nodes: { [node]: { size, parent: null } } });
    });
  }

  /** Makes a disk one that is never written again. */
  seal(location: string): Promise<void> {
    return this.mutex.run(async () => {
      this.tree.change({ volumes: { [location]: { ...this.tree.get(location), readOnly: true } } });
    });
  }

  destroy(location: string): Promise<void> {
    return this.mutex.run(async () => {
      const { node } = this.tree.get(location);
      this.needFeature(this.driver.writable);
      this.tree.change({ volumes: { [location]: null } });
      await this.coalescer.released(node);
    });
  }

  resize(location: string, size: number): Promise<Volume> {
    return this.mutex.run(async () => {
      const volume = this.writable(location);
      this.needFeature(this.driver.features.includes('VDI_RESIZE'));
      if (size < volume.size) throw new ApiError('VDI_TOO_SMALL', volume.uuid, String(volume.size));
      await this.needSpace(volume.uuid, size, size - volume.size);
      await this.files.grow(volume.node, size);
      const record = { ...volume, size };
      this.tree.change({
        volumes: { [location]: record },
        nodes: { [volume.node]: { size, parent: this.tree.parent(volume.node) } },
      });
      return this.describe(record);
    });
  }

  label(location: string, { name, description, properties }: VolumeLabel): Promise<void> {
    return this.mutex.run(async () => {
      const record = { ...this.tree.get(location), name, description, properties };
      if (this.driver.writable) this.tree.change({ volumes: { [location]: record } });
    });
  }

  snapshot(location: string, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.mutex.run(async () => {
      this.needFeature(this.driver.snapshots);
      const volume = this.tree.get(location);
      this.checkNew(uuid, uuid);
      const base = this.freeze(volume);
      const own = base.node ?? newUuid();
      const copy = { ...volume, uuid, location: uuid, readOnly: true, properties, claimed: undefined, node: own };
      const empty: Record<string, NodeRecord> = base.node === null ? { [own]: { size: volume.size, parent: null } } : {};
      this.tree.change({ volumes: { ...base.volumes, [uuid]: copy }, nodes: { ...base.nodes, ...empty } });
      return this.describe(copy);
    });
  }

  clone(location: string, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.mutex.run(async () => {
      this.needFeature(this.driver.snapshots);
      const volume = this.tree.get(location);
      this.checkNew(uuid, uuid);
      await this.needSpace(uuid, volume.size, volume.size);
      const base = this.freeze(volume);
      const node = newUuid();
      const copy = { ...volume, uuid, location: uuid, readOnly: false, properties, claimed: undefined, node };
      this.tree.change({
        volumes: { ...base.volumes, [uuid]: copy },
        nodes: { ...base.nodes, [node]: { size: volume.size, parent: base.node } },
      });
      return this.describe(copy);
    });
  }

  /** Gives a disk the content of another one of the SR. */
  revert(location: string, from: string): Promise<Volume> {
    return this.mutex.run(async () => {
      this.needFeature(this.driver.features.includes('VDI_REVERT'));
      const volume = this.writable(location);
      const source = this.tree.get(from);
      const base = this.freeze(source);
      const node = newUuid();
      const record = { ...volume, size: source.size, node };
      this.tree.change({
        volumes: { ...base.volumes, [location]: record },
        nodes: { ...base.nodes, [node]: { size: source.size, parent: base.node } },
      });
      await this.coalescer.released(volume.node);
      return this.describe(record);
    });
  }

  describeAt(location: string): Promise<Volume> {
    return this.mutex.run(() => this.describe(this.tree.get(location)));
  }

  /** The record of a disk; throws VDI_MISSING. */
  volume(location: string): VolumeRecord {
    return this.tree.get(location);
  }

  /** A disk that may be written; throws VDI_READONLY. */
  writable(location: string): VolumeRecord {
    const volume = this.tree.get(location);
    if (volume.readOnly) throw new ApiError('VDI_READONLY', volume.uuid);
    return volume;
  }

  /** Gives a disk to one writer, until `unlock`. Throws VDI_READONLY, VDI_IN_USE. */
  lockForWriting(location: string): VolumeRecord {
    const volume = this.writable(location);
    if (this.locked.has(location)) throw new ApiError('VDI_IN_USE', volume.uuid, 'write');
    this.locked.add(location);
    return volume;
  }

  unlock(location: string): void {
    this.locked.delete(location);
  }

  /** Names of the nodes on which two disks both stand. They keep their names for as long as both disks are there. */
  sharedNodes(first: string, second: string): ReadonlySet<string> {
    const others = new Set(this.tree.chain(this.tree.get(second).node));
    return new Set(this.tree.chain(this.tree.get(first).node).filter((node) => others.has(node)));
  }

  /** Runs work on the chain of a disk while nothing else happens in the SR. */
  withChain<T>(location: string, work: (chain: Chain) => Promise<T>): Promise<T> {
    return this.mutex.run(() => {
      const volume = this.tree.get(location);
      return work(new Chain(this.files, this.tree.chain(volume.node), volume.size));
    });
  }

  /** Puts bytes into a disk. Throws VDI_READONLY, VDI_IO_ERROR behind its end, SR_FULL. */
  write(location: string, offset: number, bytes: Buffer): Promise<void> {
    return this.writeTo(() => this.writable(location), offset, bytes);
  }

  /** Makes an empty node that may become the content of a disk. Nobody stands on it: an end of the daemon leaves nothing of it. */
  beginRewrite(location: string): Promise<VolumeRecord> {
    return this.mutex.run(async () => {
      const volume = this.tree.get(location);
      const node = newUuid();
      this.tree.change({ nodes: { [node]: { size: volume.size, parent: null } } });
      return { ...volume, claimed: undefined, node };
    });
  }

  /** Gives a disk the node that `beginRewrite` made, or lets that go. */
  endRewrite({ location, node }: VolumeRecord, isComplete: boolean): Promise<void> {
    return this.mutex.run(async () => {
      const volume = this.tree.get(location);
      if (isComplete) this.tree.change({ volumes: { [location]: { ...volume, claimed: undefined, node } } });
      await this.coalescer.released(isComplete ? volume.node : node);
    });
  }

  /** Runs work on a disk, or on what is to become one, while nothing else happens in the SR. */
  withNode<T>({ node, size }: VolumeRecord, work: (chain: Chain) => Promise<T>): Promise<T> {
    return this.mutex.run(() => work(new Chain(this.files, this.tree.chain(node), size)));
  }

  /** Puts bytes into what is to become the content of a disk. Throws as `write`. */
  writeNode(record: VolumeRecord, offset: number, bytes: Buffer): Promise<void> {
    return this.writeTo(() => record, offset, bytes);
  }

  private writeTo(find: () => VolumeRecord, offset: number, bytes: Buffer): Promise<void> {
    return this.mutex.run(async () => {
      const volume = find();
      if (offset < 0 || offset + bytes.length > volume.size)
        throw new ApiError('VDI_IO_ERROR', 'Write behind the end of the disk');
      await this.files.refresh();
      const free = this.physicalSize - this.files.total;
      if (!this.driver.thick && bytes.length > free)
        throw new ApiError('SR_FULL', String(bytes.length), String(Math.max(0, free)));
      await new Chain(this.files, this.tree.chain(volume.node), volume.size).write(offset, bytes).catch((thrown: unknown) => {
        throw new ApiError('VDI_IO_ERROR', thrown instanceof Error ? thrown.message : String(thrown));
      });
    });
  }

  /** Resolves when no layers are left to be merged. */
  settled(): Promise<void> {
    return this.coalescer.settled();
  }

  async close(): Promise<void> {
    await this.coalescer.stop();
    await this.mutex.run(() => this.files.close());
    this.journal.close();
  }

  /**
   * Makes the content of a disk a base on which other nodes can stand: the name of the node, null where all is zeros, and
   * the changes that put the disk itself on it.
   */
  private freeze(volume: VolumeRecord): {
    readonly node: string | null;
    readonly volumes: Readonly<Record<string, VolumeRecord>>;
    readonly nodes: Readonly<Record<string, NodeRecord>>;
  } {
    // A node without files adds nothing to the one below it, so chains do not grow by snapshots of an idle disk.
    if (!this.files.has(volume.node)) return this.limit(this.tree.parent(volume.node), {}, {});
    if (volume.readOnly) return this.limit(volume.node, {}, {});
    const node = newUuid();
    return this.limit(
      volume.node,
      { [volume.location]: { ...volume, node } },
      { [node]: { size: volume.size, parent: volume.node } },
    );
  }

  private limit<V, N>(node: string | null, volumes: V, nodes: N): { node: string | null; volumes: V; nodes: N } {
    if (node !== null && this.tree.chain(node).length >= MAX_CHAIN) {
      throw refusal('chainTooLong', 'The snapshot chain is too long');
    }
    return { node, volumes, nodes };
  }

  private checkNew(uuid: string, location: string): void {
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'VDI', uuid);
    if (this.tree.find(location) !== undefined) throw new ApiError('UUID_INVALID', 'VDI', uuid);
  }

  private needFeature(there: boolean): void {
    if (!there) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', this.uuid);
  }

  private async needSpace(uuid: string, size: number, more: number): Promise<void> {
    if (!Number.isSafeInteger(size) || size < 0) throw new ApiError('INVALID_VALUE', 'virtual_size', String(size));
    if (size > MAX_VOLUME) throw new ApiError('VDI_TOO_LARGE', uuid, String(MAX_VOLUME));
    const free = this.physicalSize - (await this.utilisation());
    if (this.driver.thick ? more > free : free <= 0 && more > 0) {
      throw new ApiError('SR_FULL', String(more), String(Math.max(0, free)));
    }
  }

  private async utilisation(): Promise<number> {
    await this.files.refresh();
    let sum = this.driver.thick ? 0 : this.files.total;
    for (const volume of this.tree.all()) sum += this.driver.thick ? this.volumeUtilisation(volume) : (volume.claimed ?? 0);
    return sum;
  }

  private volumeUtilisation({ node, size, readOnly, claimed }: VolumeRecord): number {
    if (claimed !== undefined) return claimed + this.files.allocation(node);
    return this.driver.thick && !readOnly ? size : this.files.allocation(node);
  }

  private async describeAll(): Promise<readonly Volume[]> {
    await this.files.refresh();
    return Array.from(this.tree.all(), (volume) => this.facts(volume));
  }

  private async describe(volume: VolumeRecord): Promise<Volume> {
    await this.files.refresh();
    return this.facts(volume);
  }

  private facts(volume: VolumeRecord): Volume {
    const { node: _node, claimed: _claimed, size, properties = new Map<string, string>(), ...rest } = volume;
    const kept = this.driver.writable ? { properties } : {};
    return { ...rest, ...kept, virtualSize: size, physicalUtilisation: this.volumeUtilisation(volume) };
  }
}
