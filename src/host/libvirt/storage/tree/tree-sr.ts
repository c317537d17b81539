import { ApiError } from '../../../../model/error.js';
import { Mutex } from '../../../mutex.js';
import type { NewVolume, SrSpace, Volume } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import type { GrowingDisks, LiveDisks, VolumeSource } from '../../volume-source.js';
import type { AttachedSr, Fillable, ReadableVolume, RewrittenVolume, WritableVolume } from '../attached-sr.js';
import { asVolumeError } from '../image/image-error.js';
import { SECTOR, wholeSectors } from '../image/image-facts.js';
import { type Branch, Branching } from './branching.js';
import { type FoundVolume, inStep } from './in-step.js';
import { Intents, type UserOf, type Warn } from './intents.js';
import type { Medium, Node } from './medium.js';
import type { VolumeRecord } from './records.js';
import { beginRewrite } from './rewrite.js';
import { TreeState } from './tree-state.js';

/**
 * Largest disk in bytes: far above real ones; the first table of an image of it, which is in memory while it is open, has a
 * megabyte.
 */
const MAX_VOLUME = 64 * 2 ** 40 - SECTOR;

/**
 * An SR whose disks are chains of images. Snapshot and clone make the newest image of a disk a base that is no longer
 * written to and let the disk go on in an empty one above it, in the same time whatever the size.
 */
export class TreeSr implements AttachedSr {
  readonly #uuid: string;
  readonly #medium: Medium;
  readonly #state: TreeState;
  readonly #branching: Branching;
  readonly #intents: Intents;
  readonly #userOf: UserOf;
  readonly #live: () => LiveDisks;
  readonly #warn: Warn;
  readonly #mutex = new Mutex();
  /** Work that is under way on volumes, by location. */
  readonly #changing = new Map<string, Promise<unknown>>();
  /** Nodes that streams and copies write to. */
  readonly #written = new Set<string>();
  /** Uuids of volumes that are being filled. */
  readonly #coming = new Set<string>();

  private constructor(uuid: string, state: TreeState, live: () => LiveDisks, warn: Warn) {
    this.#uuid = uuid;
    this.#medium = state.medium;
    this.#state = state;
    this.#live = live;
    this.#warn = warn;
    this.#branching = new Branching(state, live);
    this.#userOf = (node) => this.#branching.user(node)?.domain;
    this.#intents = new Intents(state, this.#userOf, warn);
  }

  /** Reads what is on the medium, and puts right what a crash left half done. What domains run must be known by then. */
  static async open(uuid: string, medium: Medium, live: () => LiveDisks, warn: Warn): Promise<TreeSr> {
    const { state, intents } = await TreeState.open(uuid, medium);
    const sr = new TreeSr(uuid, state, live, warn);
    for (const [id, intent] of intents) await sr.#intents.undo(id, intent);
    await sr.#bringInStep();
    for (const node of [...state.tree.strays()]) {
      warn(undefined, `image ${node.name} of SR ${uuid} belongs to no volume and becomes one`);
      await state.put(strayRecord(node, medium));
    }
    return sr;
  }

  space(): Promise<SrSpace> {
    return this.#medium.space();
  }

  scan(): Promise<readonly Volume[]> {
    return this.#mutex.run(async () => {
      await this.#state.rescan();
      await this.#bringInStep();
      return Promise.all(Array.from(this.#state.volumes(), (found) => this.#describe(found)));
    });
  }

  async create(volume: NewVolume, fill: (target: Fillable) => Promise<void> = async () => undefined): Promise<Volume> {
    const { uuid, virtualSize, name, description, smConfig } = volume;
    const node = this.#medium.newName();
    const medium = this.#medium;
    const record: VolumeRecord = { uuid, location: uuid, node, readOnly: false, name, description, smConfig };
    const intent = { nodes: [node], volumes: [uuid] };
    const id = await this.#mutex.run(async () => {
      this.#checkNew(uuid);
      this.#checkSize(uuid, virtualSize);
      await this.#needSpace(virtualSize);
      this.#coming.add(uuid);
      return this.#intents.begin(intent);
    });
    try {
      const shape = medium.shapeOf(virtualSize, smConfig);
      await medium.createNode(node, shape, undefined);
      await fill({
        source: this.#branching.source({ name: node, ...shape }, false),
        makeRoom: (bytes) => medium.makeRoom(node, bytes),
        takeMemory: (from, size) => medium.importMemory(uuid, from, size),
      });
      await medium.giveBackRoom(node);
      return await this.#mutex.run(async () => {
        await this.#state.put(record);
        await this.#intents.finish(id, intent);
        return this.#describe(await this.#get(uuid));
      });
    } catch (thrown) {
      await this.#mutex.run(() => this.#intents.abandon(id, intent));
      throw asVolumeError(thrown, uuid, 'create', virtualSize);
    } finally {
      this.#coming.delete(uuid);
    }
  }

  async destroy(location: string): Promise<void> {
    if (await this.#dropLost(location)) return;
    await this.#change(location, 'destroy', async ({ record, node }) => {
      this.#needOurs(node);
      if (!record.readOnly) this.#needIdle(record, 'destroy');
      if (!this.#state.isOurs(node.name) && this.#state.tree.isBase(node.name)) throw inUse(record, 'destroy');
      await this.#state.claim(record);
      const intent = { nodes: [node.name], volumes: [record.uuid] };
      await this.#intents.undo(await this.#intents.begin(intent), intent);
    });
  }

  resize(location: string, size: number): Promise<Volume> {
    return this.#change(location, 'resize', async ({ record, node }) => {
      needWritable(record);
      this.#checkSize(record.uuid, size);
      if (this.#written.has(node.name)) throw inUse(record, 'resize');
      if (size < node.virtualSize) throw new ApiError('VDI_TOO_SMALL', record.uuid, String(node.virtualSize));
      if (node.format !== 'qcow2' && node.format !== 'raw') throw new ApiError('SR_OPERATION_NOT_SUPPORTED', this.#uuid);
      const wanted = wholeSectors(size);
      if (wanted > node.virtualSize) {
        await this.#needSpace(wanted - node.virtualSize);
        const user = this.#branching.user(node.name);
        if (user === undefined) await this.#medium.growNode(node, wanted);
        else await this.#medium.growUsed(node, wanted, () => this.#live().resize(user.path, wanted));
      }
      return this.#describe(await this.#get(location));
    });
  }

  snapshot(location: string, uuid: string): Promise<Volume> {
    return this.#derive(location, uuid, 'snapshot', true);
  }

  clone(location: string, uuid: string): Promise<Volume> {
    return this.#derive(location, uuid, 'clone', false);
  }

  revert(location: string, snapshot: string): Promise<Volume> {
    return this.#change(location, 'revert', async ({ record, node }) => {
      needWritable(record);
      this.#needIdle(record, 'revert');
      const origin = await this.#get(snapshot);
      this.#needOurs(origin.node);
      if (this.#written.has(origin.node.name)) throw inUse(origin.record, 'revert');
      const branch = await this.#branching.plan(origin.record, origin.node);
      await this.#state.claim(record);
      const fresh = this.#medium.newName();
      const { nodes, forward } = this.#branching.intent(origin.record, branch);
      await this.#intents.run({ nodes: [...nodes, fresh, node.name], volumes: [], ...(forward && { forward }) }, async () => {
        await this.#branching.carryOut(origin.record, branch);
        await this.#medium.createNode(fresh, { format: 'qcow2', virtualSize: origin.node.virtualSize }, branch.base);
        await this.#state.refresh(fresh);
        await this.#state.put({ ...record, node: fresh });
      });
      return this.#describe(await this.#get(location));
    });
  }

  async source(location: string): Promise<VolumeSource> {
    // Not one after the other with the rest of the SR: a domain that is being worked on may be what work on another of its
    // disks waits for.
    await this.#changing.get(location);
    let found = await this.#find(location);
    if (this.#state.tree.continuation(found.node.name)) found = await this.#mutex.run(() => this.#get(location));
    const { node, record } = found;
    await asVolume(record, 'attach', () => this.#medium.provide(node.name, record.readOnly ? 'read' : 'write'));
    return this.#branching.source(node, record.readOnly);
  }

  reading(location: string): Promise<ReadableVolume> {
    return this.#change(location, 'copy', async ({ record, node }): Promise<ReadableVolume> => {
      const { uuid } = record;
      const memory = await this.#medium.memorySize(uuid);
      if (memory !== undefined) {
        const path = this.#medium.memoryPath(uuid);
        await this.#medium.prepareMemory(uuid, memory.size);
        const source: VolumeSource = { path, kind: this.#medium.kind, format: 'raw', readOnly: true };
        return { uuid, source, size: Math.max(node.virtualSize, wholeSectors(memory.size)), isMemory: true, layers: [path] };
      }
      if (this.#written.has(node.name)) throw inUse(record, 'copy');
      const source = this.#branching.source(node, true);
      await this.#medium.provide(node.name, 'read');
      if (!record.readOnly && this.#branching.user(node.name) !== undefined) {
        const branch = await this.#branching.plan(record, node);
        await this.#intents.run({ ...this.#branching.intent(record, branch), volumes: [] }, () =>
          this.#branching.carryOut(record, branch),
        );
      }
      return { uuid, source, size: node.virtualSize, isMemory: false, layers: this.#state.tree.chain(node.name) };
    });
  }

  writing(location: string): Promise<WritableVolume> {
    return this.#change(location, 'write', async ({ record, node }) => {
      needWritable(record);
      this.#needIdle(record, 'write');
      await this.#medium.provide(node.name, 'write');
      this.#written.add(node.name);
      return {
        uuid: record.uuid,
        source: this.#branching.source(node, false),
        size: node.virtualSize,
        makeRoom: (bytes) => this.#medium.makeRoom(node.name, bytes),
        release: () => this.#release(node.name),
      };
    });
  }

  rewriting(location: string): Promise<RewrittenVolume> {
    return this.#change(location, 'write', async (found) => {
      const { record, node } = found;
      needWritable(record);
      this.#needOurs(node);
      this.#needIdle(record, 'write');
      this.#written.add(node.name);
      const surroundings = { state: this.#state, branching: this.#branching, intents: this.#intents, mutex: this.#mutex };
      return beginRewrite(surroundings, found, () => void this.#written.delete(node.name));
    });
  }

  memoryImage(location: string): Promise<string> {
    return this.#change(location, 'attach', async ({ record, node }) => {
      const path = this.#medium.memoryPath(record.uuid);
      const isThere = (await this.#medium.memorySize(record.uuid)) !== undefined;
      // Memory that came as the data of the volume, from a stream or a copy: libvirt reads plain files only.
      if (!isThere && !(await this.#medium.isUnwritten(node))) {
        await this.#medium.provide(node.name, 'read');
        await this.#medium.importMemory(record.uuid, this.#branching.source(node, true), node.virtualSize);
      } else await this.#medium.prepareMemory(record.uuid, node.virtualSize);
      return path;
    });
  }

  locate(path: string): string | undefined {
    const node = this.#medium.nodeAt(path);
    return node === undefined ? undefined : this.#state.holder(node);
  }

  get growing(): GrowingDisks | undefined {
    return this.#medium.growing;
  }

  async close(): Promise<void> {
    await this.#mutex.run(async () => this.#medium.close?.());
  }

  /** Somebody has removed the data of a volume already: its record goes too. Whether it was so. */
  #dropLost(location: string): Promise<boolean> {
    return this.#mutex.run(async () => {
      const record = await this.#state.lost(location);
      if (record !== undefined) await this.#state.drop(record.uuid);
      return record !== undefined;
    });
  }

  /** Makes a volume of what another one is now. */
  #derive(location: string, uuid: string, operation: string, readOnly: boolean): Promise<Volume> {
    return this.#change(location, operation, async ({ record, node }) => {
      this.#checkNew(uuid);
      this.#needOurs(node);
      if (this.#written.has(node.name)) throw inUse(record, operation);
      if (!readOnly) await this.#needSpace(node.virtualSize);
      const branch = await this.#branching.plan(record, node);
      const { nodes, forward } = this.#branching.intent(record, branch);
      // A snapshot is the base itself, unless there is none.
      const fresh = readOnly && branch.base !== undefined ? undefined : this.#medium.newName();
      const copy = { ...record, uuid, location: uuid, readOnly, node: fresh ?? branch.base?.name ?? node.name };
      const made = fresh === undefined ? nodes : [...nodes, fresh];
      await this.#intents.run({ nodes: made, volumes: [uuid], ...(forward && { forward }) }, () =>
        this.#branch(record, branch, copy, fresh === undefined ? undefined : { name: fresh, size: node.virtualSize }),
      );
      return this.#describe(await this.#get(uuid));
    });
  }

  async #branch(origin: VolumeRecord, branch: Branch, copy: VolumeRecord, fresh?: { name: string; size: number }): Promise<void> {
    await this.#branching.carryOut(origin, branch);
    if (fresh !== undefined) {
      await this.#medium.createNode(fresh.name, { format: 'qcow2', virtualSize: fresh.size }, branch.base);
      await this.#state.refresh(fresh.name);
    }
    await this.#medium.shareMemory(origin.uuid, copy.uuid);
    await this.#state.put(copy);
  }

  /** Does work on a volume while nothing else happens in the SR. Rejects with VDI_MISSING. */
  #change<T>(location: string, operation: string, work: (found: FoundVolume) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      const found = await this.#get(location);
      const result = asVolume(found.record, operation, () => work(found));
      const settled = result.catch(() => undefined);
      this.#changing.set(location, settled);
      try {
        return await result;
      } finally {
        this.#changing.delete(location);
      }
    });
  }

  async #find(location: string): Promise<FoundVolume> {
    const found = await this.#state.find(location);
    if (found === undefined) throw new ApiError('VDI_MISSING', this.#uuid, location);
    return found;
  }

  async #get(location: string): Promise<FoundVolume> {
    return inStep(this.#state, this.#userOf, await this.#find(location));
  }

  async #bringInStep(): Promise<void> {
    for (const found of [...this.#state.volumes()]) await inStep(this.#state, this.#userOf, found);
  }

  async #describe({ record, node }: FoundVolume): Promise<Volume> {
    const { uuid, location, readOnly, name, description, smConfig } = record;
    const memory = await this.#medium.memorySize(uuid);
    const physicalUtilisation = node.allocated + (memory?.allocated ?? 0);
    return { uuid, location, virtualSize: node.virtualSize, physicalUtilisation, readOnly, name, description, smConfig };
  }

  #checkNew(uuid: string): void {
    if (!isUuid(uuid) || this.#state.isKnown(uuid) || this.#coming.has(uuid)) throw new ApiError('UUID_INVALID', 'VDI', uuid);
  }

  #checkSize(uuid: string, size: number): void {
    if (!Number.isSafeInteger(size) || size < 0) throw new ApiError('INVALID_VALUE', 'virtual_size', String(size));
    if (size > MAX_VOLUME) throw new ApiError('VDI_TOO_LARGE', uuid, String(MAX_VOLUME));
  }

  async #needSpace(more: number): Promise<void> {
    const { physicalSize, physicalUtilisation } = await this.space();
    if (more > 0 && physicalSize <= physicalUtilisation) throw new ApiError('SR_FULL', String(more), '0');
  }

  /** A writer is done with a node. */
  #release(node: string): void {
    if (!this.#written.delete(node)) return;
    this.#mutex
      .run(() => this.#medium.giveBackRoom(node))
      .catch((thrown: unknown) => this.#warn(thrown, `room that ${node} does not need could not be given back`));
  }

  #needOurs({ foreign }: Node): void {
    if (foreign === true) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', this.#uuid);
  }

  #needIdle(record: VolumeRecord, operation: string): void {
    if (this.#written.has(record.node) || this.#branching.user(record.node) !== undefined) throw inUse(record, operation);
  }
}

async function asVolume<T>({ uuid }: VolumeRecord, operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asVolumeError(thrown, uuid, operation);
  }
}

function inUse({ uuid }: VolumeRecord, operation: string): ApiError {
  return new ApiError('VDI_IN_USE', uuid, operation);
}

function needWritable({ uuid, readOnly }: VolumeRecord): void {
  if (readOnly) throw new ApiError('VDI_READONLY', uuid);
}

/** A volume for an image whose record is lost: its data is all that is left. */
function strayRecord(node: Node, medium: Medium): VolumeRecord {
  const uuid = medium.locationOf(node.name);
  const description = 'Found without a record of it';
  return { uuid, location: uuid, node: node.name, readOnly: false, name: uuid, description, smConfig: new Map() };
}
