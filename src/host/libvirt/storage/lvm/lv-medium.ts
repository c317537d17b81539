import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { ApiError } from '../../../../model/error.js';
import type { SrSpace } from '../../../storage.js';
import type { GrowingDisks, LiveDisks, VolumeSource } from '../../volume-source.js';
import { identifyQcow2, readAt } from '../image/identify.js';
import { wholeSectors } from '../image/image-facts.js';
import { commitImage, needFreeImage, relinkImage } from '../image/merge-images.js';
import { parseQcow2, QCOW2_HEADER } from '../image/qcow2-header.js';
import { isUnwrittenQcow2 } from '../image/qcow2-unwritten.js';
import { createImage, growImage } from '../image/qemu-img.js';
import { zeroPart } from '../image/zero.js';
import type { Warn } from '../tree/intents.js';
import type { Medium, Node, NodeShape } from '../tree/medium.js';
import type { NodePair } from '../tree/volume-tree.js';
import { ImageRoom } from './image-room.js';
import { LentVolumes } from './lent-volumes.js';
import { chainOf, nodeFrom, nodesIn } from './lv-nodes.js';
import type { LvPaths } from './lv-paths.js';
import { asImageWork } from './lvm-error.js';
import { MemoryVolumes } from './memory-volumes.js';
import { diskName, diskUuid, isLvmName, isOurName } from './names.js';
import { nodeOf, nodeTag } from './node-tag.js';
import { RecordTags } from './record-tags.js';
import { firstSize, STEPS, type Steps } from './room.js';
import type { VolumeGroup } from './volume-group.js';

/** How disks lie in a volume group. */
export interface LvMediumOptions {
  readonly group: VolumeGroup;
  readonly paths: LvPaths;
  readonly live: LiveDisks;
  readonly warn: Warn;
  /** Whether volumes have all the space at once that their disks can need. */
  readonly isThick: boolean;
  /** Whether nothing is to be changed. */
  readonly isReadOnly: boolean;
  readonly steps?: Steps;
  /** Has the kernel look how large the devices of the group are now; absent where it knows by itself. */
  readonly measure?: (() => Promise<void>) | undefined;
  /** Called when nothing of the group is wanted here any more. */
  readonly released?: () => Promise<void>;
}

/**
 * Volumes of a group as layers of disks: qcow2 images in them, because what lay in a new volume before must not show through; plain
 * bytes where a disk is configured so. What a layer is its tag says, which LVM writes together with the volume.
 */
export class LvMedium implements Medium {
  readonly kind = 'block';
  readonly records: RecordTags;
  readonly growing: GrowingDisks;
  readonly #group: VolumeGroup;
  readonly #paths: LvPaths;
  readonly #isThick: boolean;
  readonly #steps: Steps;
  readonly #lent: LentVolumes;
  readonly #room: ImageRoom;
  readonly #memory: MemoryVolumes;
  readonly #live: LiveDisks;
  /** The volume below by the one whose data is moved into it: what a guest adds meanwhile needs room in both. */
  readonly #merging = new Map<string, string>();
  readonly #off: () => void;
  readonly #released: () => Promise<void>;
  readonly #grow: () => Promise<void>;
  readonly #measure: () => Promise<void>;
  #isFresh = true;

  private constructor(options: LvMediumOptions) {
    const { group, paths, live, warn, isThick, isReadOnly, steps = STEPS, measure, released = async () => undefined } = options;
    this.#group = group;
    this.#released = released;
    this.#paths = paths;
    this.#isThick = isThick;
    this.#steps = steps;
    this.records = new RecordTags(group, warn, isReadOnly);
    this.#lent = new LentVolumes(group, paths, warn);
    const path = (name: string): string => this.#path(name);
    const resized = (name: string): Promise<void> => paths.changed(group, [name]);
    this.#room = new ImageRoom({ group, steps, isThick, path, resized });
    this.#memory = new MemoryVolumes(group, this.#lent, path);
    this.#live = live;
    this.#grow = async () => {
      if (!isReadOnly)
        await group.takeGrown().catch((thrown: unknown) => warn(thrown, `${group.name} takes no more of its devices`));
    };
    this.#measure = async () => {
      await measure?.().catch((thrown: unknown) => warn(thrown, `the devices of ${group.name} cannot be measured`));
    };
    this.#off = live.onReleased(() => this.#lent.released());
    this.growing = {
      threshold: (at) => {
        const name = this.nodeAt(at);
        return name === undefined ? undefined : this.#room.threshold(name);
      },
      extend: async (at, written) => {
        const name = this.nodeAt(at);
        if (name === undefined) return;
        await asImageWork(() => this.#room.extend(name, written));
        const lower = this.#merging.get(name);
        if (lower !== undefined) await asImageWork(() => this.#room.make(lower, this.#steps.step));
      },
    };
  }

  /** Makes inactive what an earlier process left behind and nobody uses. Rejects with LvmError. */
  static async open(options: LvMediumOptions): Promise<LvMedium> {
    const medium = new LvMedium(options);
    await medium.#lent.takeOver([...options.group.facts.volumes.keys()].filter(isOurName));
    return medium;
  }

  async space(): Promise<SrSpace> {
    const { size, free } = this.#group.facts;
    return { physicalSize: size, physicalUtilisation: size - free };
  }

  async nodes(): Promise<ReadonlyMap<string, Node>> {
    // What was read to open it need not be read twice.
    if (!this.#isFresh) {
      await this.#measure();
      await asImageWork(() => this.#group.refresh());
    }
    this.#isFresh = false;
    await this.#grow();
    return nodesIn(this.#group.facts);
  }

  async node(name: string): Promise<Node | undefined> {
    const volume = this.#group.volume(name);
    return volume && nodeFrom(this.#group.facts, volume);
  }

  newName(): string {
    return diskName(newUuid());
  }

  isOwn(name: string): boolean {
    return diskUuid(name) !== undefined;
  }

  originOf(name: string): string {
    return name;
  }

  locationOf(name: string): string {
    return diskUuid(name) ?? name;
  }

  foundName(location: string): string | undefined {
    return isLvmName(location) && !isOurName(location) ? location : undefined;
  }

  shapeOf(virtualSize: number, smConfig: ReadonlyMap<string, string>): NodeShape {
    if (smConfig.get('type') === 'raw') return { format: 'raw', virtualSize: this.#group.wholeExtents(virtualSize) };
    return { format: 'qcow2', virtualSize: wholeSectors(virtualSize) };
  }

  createNode(name: string, { format, virtualSize }: NodeShape, parent: Node | undefined): Promise<void> {
    const size = format === 'raw' ? virtualSize : firstSize(virtualSize, this.#steps, this.#isThick);
    return asImageWork(async () => {
      await this.#group.create(name, size, [nodeTag({ format, virtualSize, parent: parent?.name })]);
      await this.#lent.made(name);
      const path = this.#path(name);
      if (format === 'raw') await zeroPart(path, 0, size);
      else await createImage(path, virtualSize, parent);
    });
  }

  removeNode(name: string): Promise<void> {
    return asImageWork(async () => {
      if (this.#group.volume(name) === undefined) return;
      await this.records.beforeRemoval();
      await this.#lent.gone([name]);
      await this.#group.remove([name]);
    });
  }

  growNode(node: Node, virtualSize: number): Promise<void> {
    return asImageWork(async () => {
      await this.provide(node.name, 'write');
      if (node.format === 'raw') return this.#growBytes(node.name, virtualSize);
      await this.#room.fit(node.name, virtualSize);
      // The first table grows with the disk.
      await this.#room.make(node.name, Math.ceil(virtualSize / DATA_PER_TABLE_BYTE));
      await growImage({ path: this.#path(node.name), format: 'qcow2' }, virtualSize);
      await this.#note(node.name, virtualSize);
      await this.#room.giveBack(node.name);
    });
  }

  growUsed(node: Node, virtualSize: number, grow: () => Promise<void>): Promise<void> {
    return asImageWork(async () => {
      if (node.format === 'raw') await this.#growBytes(node.name, virtualSize);
      else {
        await this.#room.fit(node.name, virtualSize);
        // Whoever asks for its threshold while it grows is to hear the one that it has then.
        await this.#note(node.name, virtualSize);
      }
      await grow();
    }).catch(async (thrown: unknown) => {
      if (node.format === 'qcow2') await asImageWork(() => this.#note(node.name, node.virtualSize));
      throw thrown;
    });
  }

  async sealNode(): Promise<void> {
    // A volume has a device only while somebody of ours uses it, and then QEMU holds its locks.
  }

  async prepareMerge({ lower, upper }: NodePair): Promise<void> {
    await this.provide(upper.name, 'write');
    await asImageWork(async () => {
      // Other hosts may have it for reading: then it must stay as it is.
      if (this.#group.facts.isShared) await this.#group.activate([], [lower.name]);
      if (lower.format !== 'qcow2') return;
      await this.#note(lower.name, upper.virtualSize);
      await this.#room.fit(lower.name, upper.virtualSize);
      this.#merging.set(upper.name, lower.name);
      const isWritten = this.paths(upper.name).some((path) => this.#live.user(path) !== undefined);
      await this.#room.make(lower.name, isWritten ? upper.allocated : await this.#room.used(upper.name));
    });
  }

  mergeNodes({ lower, upper }: NodePair, signal: AbortSignal): Promise<void> {
    return commitImage(this.#path(upper.name), { path: this.#path(lower.name), format: lower.format }, signal);
  }

  async endMerge({ lower, upper }: NodePair, isUsed: boolean): Promise<void> {
    this.#merging.delete(upper.name);
    if (lower.format !== 'qcow2' || this.#group.volume(lower.name) === undefined) return;
    await this.provide(lower.name, 'write');
    if (isUsed) this.#room.leave(lower.name);
    else await this.giveBackRoom(lower.name);
  }

  async needFree(name: string): Promise<void> {
    await this.provide(name, 'read');
    await needFreeImage({ path: this.#path(name), format: 'qcow2' });
  }

  async parentOf(name: string): Promise<string | undefined> {
    await this.provide(name, 'read');
    const file = await open(this.#path(name), 'r');
    try {
      const found = basename((await identifyQcow2(file))?.backing ?? '');
      return this.#group.volume(found)?.name;
    } finally {
      await file.close();
    }
  }

  async relinkNode({ name }: Node, parent: Node): Promise<void> {
    if ((await this.parentOf(name)) !== parent.name) {
      await this.provide(name, 'write');
      await relinkImage(this.#path(name), parent);
    }
    const node = nodeOf(this.#group.volume(name)?.tags ?? []);
    if (node === undefined || node.parent === parent.name) return;
    const add = [nodeTag({ ...node, parent: parent.name })];
    await asImageWork(() => this.#group.retag(name, { add, remove: [nodeTag(node)] }));
  }

  async isUnwritten({ name, format }: Node): Promise<boolean> {
    if (format !== 'qcow2' || !this.isOwn(name)) return false;
    await this.provide(name, 'read');
    return isUnwrittenQcow2(this.#path(name));
  }

  async provide(name: string, access: 'read' | 'write'): Promise<void> {
    const { facts } = this.#group;
    const node = await this.node(name);
    // QEMU reads a VHD that stands on another one as if it did not.
    if (node?.format === 'vpc') throw new ApiError('SR_OPERATION_NOT_SUPPORTED', facts.name);
    await asImageWork(async () => {
      await this.#lent.lend(chainOf(facts, name), access === 'write');
      if (access === 'write') await this.#settleSize(name);
    });
  }

  makeRoom(name: string, bytes: number): Promise<void> {
    return asImageWork(() => this.#room.make(name, bytes));
  }

  giveBackRoom(name: string): Promise<void> {
    return asImageWork(() => this.#room.giveBack(name));
  }

  paths(name: string): readonly [string, ...string[]] {
    return this.#paths.of(this.#group.name, name);
  }

  nodeAt(path: string): string | undefined {
    const name = this.#paths.nameAt(this.#group.name, path);
    const volume = name === undefined ? undefined : this.#group.volume(name);
    return volume && nodeFrom(this.#group.facts, volume)?.name;
  }

  memoryPath(volume: string): string {
    return this.#memory.path(volume);
  }

  async memorySize(volume: string): Promise<{ readonly size: number; readonly allocated: number } | undefined> {
    return this.#memory.size(volume);
  }

  prepareMemory(volume: string, size: number): Promise<void> {
    return asImageWork(() => this.#memory.prepare(volume, size));
  }

  importMemory(volume: string, from: VolumeSource, size: number): Promise<void> {
    return asImageWork(() => this.#memory.import(volume, from, size));
  }

  shareMemory(from: string, to: string): Promise<void> {
    return asImageWork(() => this.#memory.share(from, to));
  }

  removeMemory(volume: string): Promise<void> {
    return asImageWork(() => this.#memory.remove(volume));
  }

  /** What a domain has open stays active. */
  async close(): Promise<void> {
    this.#off();
    await asImageWork(() => this.#lent.close());
    await this.#released();
  }

  #path(name: string): string {
    return this.paths(name)[0];
  }

  /** Makes a disk of plain bytes larger; what lay there before is somebody else's, and goes before anybody can see it. */
  async #growBytes(name: string, virtualSize: number): Promise<void> {
    const before = this.#group.volume(name)?.size ?? 0;
    const size = await this.#group.extend(name, virtualSize);
    await this.#paths.changed(this.#group, [name]);
    await zeroPart(this.#path(name), before, size - before);
    await this.#note(name, size);
  }

  /** Brings in line what is noted of the size of a disk, and what a crash left of its growth. The volume is active. */
  async #settleSize(name: string): Promise<void> {
    const volume = this.#group.volume(name);
    const node = nodeOf(volume?.tags ?? []);
    if (volume === undefined || node === undefined) return;
    if (node.format === 'qcow2') {
      const found = await qcow2Size(this.#path(name));
      if (found !== undefined && found !== node.virtualSize) await this.#note(name, found);
    } else if (volume.size > node.virtualSize) {
      await this.#group.reduce(name, node.virtualSize);
      await this.#paths.changed(this.#group, [name]);
    }
  }

  async #note(name: string, virtualSize: number): Promise<void> {
    const node = nodeOf(this.#group.volume(name)?.tags ?? []);
    if (node === undefined || node.virtualSize === virtualSize) return;
    await this.#group.retag(name, { add: [nodeTag({ ...node, virtualSize })], remove: [nodeTag(node)] });
  }
}

/** Bytes of a disk for which one byte of the first table stands. */
const DATA_PER_TABLE_BYTE = 2 ** 26;

async function qcow2Size(path: string): Promise<number | undefined> {
  const file = await open(path, 'r');
  try {
    return parseQcow2(await readAt(file, 0, QCOW2_HEADER))?.virtualSize;
  } finally {
    await file.close();
  }
}
