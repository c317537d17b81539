import type { Readable, Writable } from 'node:stream';
import { ApiError } from '../../../model/error.js';
import { Mutex } from '../../mutex.js';
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
import type { Initiator } from '../../storage-network.js';
import type { Extent, VolumeAccess, VolumeContent, VolumeRewrite } from '../../volume-content.js';
import { CommandError } from '../network/commands.js';
import type { LiveDisks, VolumeSource, VolumeSources } from '../volume-source.js';
import type { AttachedSr } from './attached-sr.js';
import { coveringSr } from './drivers/cover.js';
import { DRIVERS, driverOf } from './drivers/drivers.js';
import type { Environment } from './drivers/sr-driver.js';
import { GrowingVolumes } from './growing-volumes.js';
import { asVolumeError, ImageError } from './image/image-error.js';
import { copyImage, imageSize } from './image/qemu-img.js';
import { InitiatorFile } from './iscsi/initiator-file.js';
import { Iscsi } from './iscsi/iscsi.js';
import { asSrWork } from './lvm/lvm-error.js';
import { type LvmHost, THIS_HOST } from './lvm/lvm-host.js';
import { Mounts } from './mounts/mounts.js';
import type { Owner } from './mounts/smb-source.js';
import { Multipath } from './multipath/multipath.js';
import { PathWatch } from './multipath/path-watch.js';
import { changesOf } from './stream/image-changes.js';
import { ImageContent, type ImageVolume } from './stream/image-content.js';
import { openImage } from './stream/image-server.js';
import { openNewContent } from './stream/new-content.js';
import { VolumeReader } from './stream/volume-reader.js';
import { VolumeWriter } from './stream/volume-writer.js';
import { HostTools, type Tools } from './tools/tools.js';
import { COALESCING_TIMES, type CoalescingTimes } from './tree/coalescer.js';
import type { Warn } from './tree/intents.js';
import { MergeTurns } from './tree/merge-turns.js';

/** What the storage of a libvirt host works with. */
export interface StorageSurroundings {
  /** The domains that use volumes. They must be known when an SR is attached. */
  live(): LiveDisks;
  readonly warn: Warn;
  /** Directory for sockets; root's own. */
  readonly runDirectory: string;
  /** Programs of this host, unless others are given for tests. */
  readonly tools?: Tools;
  /** Whom QEMU runs as on the host; files of servers that know no users are made to be theirs. */
  readonly owner?: () => Promise<Owner | undefined>;
  /** The LVM of this host, unless another one is given for tests. */
  readonly lvm?: LvmHost;
  /** When layers of disks become one, unless tests have no time for that. */
  readonly coalescing?: CoalescingTimes;
  /** Whether libvirt is that of this machine, where SRs are attached; true unless given. */
  readonly isLocal?: boolean;
}

/** The storage of a libvirt host: which SRs it has attached, each by the driver of its type. */
export class LibvirtStorage implements Storage, VolumeSources {
  readonly #environment: Environment;
  readonly #runDirectory: string;
  readonly #attached = new Map<string, AttachedSr>();
  readonly paths: PathWatch;
  readonly initiator: Initiator | undefined;
  readonly growing = new GrowingVolumes(this.#attached);
  /** SRs come and go one after the other: two of one directory would work against each other. */
  readonly #mutex = new Mutex();

  constructor({
    live,
    warn,
    runDirectory,
    tools = new HostTools(),
    owner = async () => undefined,
    lvm = THIS_HOST,
    coalescing: times = COALESCING_TIMES,
    isLocal = true,
  }: StorageSurroundings) {
    const multipath = new Multipath(tools);
    const iscsi = new Iscsi(tools, { runDirectory, leaving: (units) => multipath.drop(units) });
    this.paths = new PathWatch({ maps: () => multipath.maps(), sessions: (iqns) => iscsi.sessions(iqns) }, warn);
    const mounts = new Mounts(runDirectory, tools);
    const coalescing = { times, turns: new MergeTurns() };
    this.#environment = { live, warn, tools, mounts, iscsi, multipath, paths: this.paths, owner, lvm, coalescing };
    this.initiator = isLocal ? new InitiatorFile(tools) : undefined;
    this.#runDirectory = runDirectory;
  }

  drivers(): readonly StorageDriver[] {
    return Array.from(DRIVERS.values(), ({ facts }) => facts);
  }

  createSr(sr: SrSpec, size: number): Promise<void> {
    return this.#mutex.run(() => asStorage(() => driverOf(sr.type).create(sr, size, this.#environment)));
  }

  destroySr(sr: SrSpec): Promise<void> {
    return this.#mutex.run(async () => {
      const driver = driverOf(sr.type);
      await this.#detach(sr.uuid);
      await asStorage(() => driver.destroy(sr, this.#environment));
    });
  }

  probe(type: string, deviceConfig: ReadonlyMap<string, string>): Promise<readonly ProbeFinding[]> {
    return asStorage(() => driverOf(type).probe(deviceConfig, this.#environment));
  }

  attach(sr: SrSpec): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#attached.has(sr.uuid)) return;
      const attached = await asStorage(() => driverOf(sr.type).attach(sr, this.#environment));
      this.#attached.set(sr.uuid, attached);
      this.growing.tell(attached);
    });
  }

  detach(sr: string): Promise<void> {
    return this.#mutex.run(() => this.#detach(sr));
  }

  async #detach(sr: string): Promise<void> {
    await asStorage(async () => this.#attached.get(sr)?.close?.());
    this.#attached.delete(sr);
  }

  /** Ends what SRs do by themselves, for good: the process is about to end. */
  async rest(): Promise<void> {
    await Promise.all(Array.from(this.#attached.values(), (attached) => attached.rest?.()));
  }

  /** Gives back what an earlier process has left on the host and nobody uses, such as mounts. */
  async tidy(): Promise<void> {
    await this.#environment.mounts.tidy();
    await this.#environment.iscsi.tidy();
  }

  /** Uuids of the SRs that are attached. */
  attachedSrs(): readonly string[] {
    return [...this.#attached.keys()];
  }

  space(sr: string): Promise<SrSpace> {
    return this.#on(sr, (attached) => attached.space());
  }

  utilisations(sr: string): Promise<ReadonlyMap<string, number>> {
    return this.#on(sr, async (attached) => (await attached.utilisations?.()) ?? new Map());
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

  labelVolume({ sr, location }: VolumeAddress, label: VolumeLabel): Promise<void> {
    return this.#on(sr, async (attached) => attached.label?.(location, label));
  }

  snapshotVolume({ sr, location }: VolumeAddress, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.#on(sr, (attached) => attached.snapshot(location, uuid, properties));
  }

  cloneVolume({ sr, location }: VolumeAddress, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.#on(sr, (attached) => attached.clone(location, uuid, properties));
  }

  async copyVolume({ sr, location }: VolumeAddress, destinationSr: string, copy: NewVolume, watch: Watch): Promise<Volume> {
    const to = this.#sr(destinationSr);
    return this.#on(sr, async (from) => {
      const { source, size, isMemory } = await from.reading(location);
      if (copy.virtualSize < size) throw new ApiError('VDI_TOO_SMALL', copy.uuid, String(size));
      const volume = await to.create(copy, async (target) => {
        if (isMemory) return target.takeMemory(source, size);
        if (to.growing) await target.makeRoom(await imageSize(source));
        return copyImage(source, target.source, true, watch);
      });
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
        if (to.growing) await target.makeRoom(await imageSize(source));
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

  open({ sr, location }: VolumeAddress, access: VolumeAccess): Promise<VolumeContent> {
    return this.#on(sr, async (attached) => {
      const { source, ...volume } = await (access === 'write' ? toWrite(attached, location) : toRead(attached, location));
      try {
        return new ImageContent(volume, await openImage(source, this.#runDirectory));
      } catch (thrown) {
        volume.release();
        throw asVolumeError(thrown, volume.uuid, access);
      }
    });
  }

  rewrite({ sr, location }: VolumeAddress): Promise<VolumeRewrite> {
    return this.#on(sr, async (attached) => openNewContent(await attached.rewriting(location), this.#runDirectory));
  }

  changes(volume: VolumeAddress, base: VolumeAddress): Promise<readonly Extent[]> {
    return this.#on(volume.sr, async (attached) => {
      const older = await this.#sr(base.sr).reading(base.location);
      const newer = await attached.reading(volume.location);
      return changesOf(newer, older, { isOneSr: volume.sr === base.sr, runDirectory: this.#runDirectory });
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

/** Does work on storage; what the operating system, LVM or another program refuses becomes an error of the model. */
async function asStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await asSrWork(work);
  } catch (thrown) {
    if (thrown instanceof ImageError) throw new ApiError('SR_BACKEND_FAILURE', thrown.failure, '', thrown.message);
    if (thrown instanceof CommandError) throw new ApiError('SR_BACKEND_FAILURE', thrown.program, '', thrown.text);
    if (!(thrown instanceof Error) || !('code' in thrown) || thrown instanceof ApiError) throw thrown;
    if (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT') throw new ApiError('SR_FULL', '0', '0');
    throw new ApiError('SR_BACKEND_FAILURE', String(thrown.code), '', thrown.message);
  }
}

/** A volume to be read or written, with the image that has its content. */
type Openable = ImageVolume & { readonly source: VolumeSource };

async function toWrite(attached: AttachedSr, location: string): Promise<Openable> {
  return { ...(await attached.writing(location)), isWritable: true };
}

async function toRead(attached: AttachedSr, location: string): Promise<Openable> {
  const { uuid, source, size } = await attached.reading(location);
  return { uuid, source, size, isWritable: false, makeRoom: async () => undefined, release: () => undefined };
}

function needOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0) throw new ApiError('INVALID_VALUE', 'offset', String(offset));
}
