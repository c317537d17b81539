import { ApiError } from '../../../../model/error.js';
import { Mutex } from '../../../mutex.js';
import type { NewVolume, SrSpace, Volume, VolumeLabel } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import type { GrowingDisks, LiveDisks, VolumeSource } from '../../volume-source.js';
import type { AttachedSr, Fillable, ReadableVolume, RewrittenVolume, WritableVolume } from '../attached-sr.js';
import { asVolumeError } from '../image/image-error.js';
import { wholeSectors } from '../image/image-facts.js';
import { Branching } from './branching.js';
import { Coalescer, type Coalescing } from './coalescer.js';
import { derive, revert } from './derive.js';
import { Intents, type Warn } from './intents.js';
import type { Medium, Node } from './medium.js';
import { type VolumeRecord, volumeText } from './records.js';
import { beginRewrite } from './rewrite.js';
import type { TreeParts } from './tree-parts.js';
import { TreeState } from './tree-state.js';
import { checkSize, inUse, needIdle, needOurs, needSpace, needUnwritten, needWritable } from './volume-checks.js';
import { memoryImage, toRead, toWrite } from './volume-data.js';
import { asVolume, VolumeWork } from './volume-work.js';

/**
 * An SR whose disks are chains of images. Snapshot and clone make the newest image of a disk a base that is no longer
 * written to and let the disk go on in an empty one above it, in the same time whatever the size.
 */
export class TreeSr implements AttachedSr {
  readonly #parts: TreeParts;
  readonly #work: VolumeWork;
  /** Uuids of volumes that are being filled. */
  readonly #coming = new Set<string>();

  private constructor(parts: TreeParts, coalescing: Coalescing) {
    this.#parts = parts;
    this.#work = new VolumeWork(parts, new Coalescer(parts, coalescing));
  }

  /** Reads what is on the medium, and puts right what a crash left half done. What domains run must be known by then. */
  static async open(
    uuid: string,
    medium: Medium,
    live: () => LiveDisks,
    warn: Warn,
    coalescing: Coalescing = {},
  ): Promise<TreeSr> {
    const { state, intents: begun } = await TreeState.open(uuid, medium);
    const branching = new Branching(state, live);
    const userOf = (node: string): string | undefined => branching.user(node)?.domain;
    const intents = new Intents(state, userOf, warn);
    const parts = { uuid, medium, state, branching, intents, userOf, live, warn, mutex: new Mutex(), written: new Set<string>() };
    const sr = new TreeSr(parts, coalescing);
    const { coalescer } = sr.#work;
    for (const [id, intent] of begun) {
      if (intent.merge === undefined) await intents.undo(id, intent);
      else await coalescer.pending.settle(id, intent, false);
    }
    await sr.#work.bringInStep();
    for (const node of [...state.tree.strays()]) {
      warn(undefined, `image ${node.name} of SR ${uuid} belongs to no volume and becomes one`);
      await state.put(strayRecord(node, medium));
    }
    coalescer.wake();
    return sr;
  }

  space(): Promise<SrSpace> {
    return this.#parts.medium.space();
  }

  async scan(): Promise<readonly Volume[]> {
    const { mutex, state } = this.#parts;
    const volumes = await mutex.run(async () => {
      await state.rescan();
      await this.#work.bringInStep();
      return Promise.all(Array.from(state.volumes(), (found) => this.#work.describe(found)));
    });
    this.#work.coalescer.wake();
    return volumes;
  }

  async utilisations(): Promise<ReadonlyMap<string, number>> {
    const { medium, state } = this.#parts;
    const found = new Map<string, number>();
    for (const { record, node } of [...state.volumes()]) {
      // What is known of layers is left as it is: work on them may be under way.
      const now = await medium.node(node.name);
      if (now !== undefined) found.set(record.location, await this.#work.utilisation({ record, node: now }));
    }
    return found;
  }

  async create(volume: NewVolume, fill: (target: Fillable) => Promise<void> = async () => undefined): Promise<Volume> {
    const { medium, mutex, intents, state, branching } = this.#parts;
    const { uuid, virtualSize, name, description, properties = new Map<string, string>(), smConfig } = volume;
    const shape = medium.shapeOf(virtualSize, smConfig);
    const node = medium.newName(shape.format);
    const record: VolumeRecord = { uuid, location: uuid, node, readOnly: false, name, description, properties, smConfig };
    const intent = { nodes: [node], volumes: [uuid] };
    const id = await mutex.run(async () => {
      this.#checkNew(uuid);
      checkSize(uuid, virtualSize);
      await needSpace(this.#parts, virtualSize);
      this.#coming.add(uuid);
      return intents.begin(intent);
    });
    try {
      await medium.createNode(node, shape, undefined);
      await fill({
        source: branching.source({ name: node, ...shape }, false),
        makeRoom: (bytes) => medium.makeRoom(node, bytes),
        takeMemory: (from, size) => medium.importMemory(uuid, from, size),
      });
      await medium.giveBackRoom(node);
      return await mutex.run(async () => {
        await state.put(record);
        await intents.finish(id, intent);
        return this.#work.describe(await this.#work.get(uuid));
      });
    } catch (thrown) {
      await mutex.run(() => intents.abandon(id, intent));
      throw asVolumeError(thrown, uuid, 'create', virtualSize);
    } finally {
      this.#coming.delete(uuid);
    }
  }

  async destroy(location: string): Promise<void> {
    const { state, intents } = this.#parts;
    if (await this.#dropLost(location)) return;
    await this.#work.change(location, 'destroy', async ({ record, node }) => {
      needOurs(this.#parts, node);
      if (!record.readOnly) needIdle(this.#parts, record, 'destroy');
      if (!state.isOurs(node.name) && state.tree.isBase(node.name)) throw inUse(record, 'destroy');
      await state.claim(record);
      const intent = { nodes: [node.name], volumes: [record.uuid] };
      await intents.undo(await intents.begin(intent), intent);
    });
  }

  resize(location: string, size: number): Promise<Volume> {
    const { medium, branching, live, uuid } = this.#parts;
    return this.#work.change(location, 'resize', async ({ record, node }) => {
      needWritable(record);
      checkSize(record.uuid, size);
      needUnwritten(this.#parts, record, node, 'resize');
      if (size < node.virtualSize) throw new ApiError('VDI_TOO_SMALL', record.uuid, String(node.virtualSize));
      if (node.format !== 'qcow2' && node.format !== 'raw') throw new ApiError('SR_OPERATION_NOT_SUPPORTED', uuid);
      const wanted = wholeSectors(size);
      if (wanted > node.virtualSize) {
        await needSpace(this.#parts, wanted - node.virtualSize);
        const user = branching.user(node.name);
        if (user === undefined) await medium.growNode(node, wanted);
        else await medium.growUsed(node, wanted, () => live().resize(user.path, wanted));
      }
      return this.#work.describe(await this.#work.get(location));
    });
  }

  label(location: string, { name, description, properties }: VolumeLabel): Promise<void> {
    const { mutex, state } = this.#parts;
    return mutex.run(async () => {
      const { record } = await this.#work.get(location);
      const labelled = { ...record, name, description, properties };
      if (state.isOurs(record.node) && volumeText(labelled) !== volumeText(record)) await state.put(labelled);
    });
  }

  snapshot(location: string, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.#derive(location, { uuid, properties, operation: 'snapshot', readOnly: true });
  }

  clone(location: string, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume> {
    return this.#derive(location, { uuid, properties, operation: 'clone', readOnly: false });
  }

  revert(location: string, snapshot: string): Promise<Volume> {
    const work = async (found: Parameters<typeof revert>[1]): Promise<Volume> => {
      await revert(this.#parts, found, await this.#work.get(snapshot));
      return this.#work.describe(await this.#work.get(location));
    };
    return this.#work.change(location, 'revert', work, snapshot);
  }

  async source(location: string): Promise<VolumeSource> {
    const { medium, mutex, state, branching } = this.#parts;
    const done = await this.#work.coalescer.giveWay(location);
    this.#work.coalescer.expect(location);
    done();
    // Not one after the other with the rest of the SR: a domain that is being worked on may be what work on another of its
    // disks waits for.
    await this.#work.changed(location);
    let found = await this.#work.find(location);
    if (state.tree.continuation(found.node.name)) found = await mutex.run(() => this.#work.get(location));
    const { node, record } = found;
    await asVolume(record, 'attach', () => medium.provide(node.name, record.readOnly ? 'read' : 'write'));
    return branching.source(node, record.readOnly);
  }

  reading(location: string): Promise<ReadableVolume> {
    return this.#work.change(location, 'copy', async (found) => {
      this.#work.coalescer.rest(location);
      return toRead(this.#parts, found);
    });
  }

  writing(location: string): Promise<WritableVolume> {
    return this.#work.change(location, 'write', (found) => toWrite(this.#parts, found));
  }

  rewriting(location: string): Promise<RewrittenVolume> {
    return this.#work.change(location, 'write', async (found) => {
      const { written } = this.#parts;
      const { record, node } = found;
      needWritable(record);
      needOurs(this.#parts, node);
      needIdle(this.#parts, record, 'write');
      written.add(node.name);
      return beginRewrite(this.#parts, found, () => void written.delete(node.name));
    });
  }

  memoryImage(location: string): Promise<string> {
    return this.#work.change(location, 'attach', (found) => memoryImage(this.#parts, found));
  }

  locate(path: string): string | undefined {
    const node = this.#parts.medium.nodeAt(path);
    return node === undefined ? undefined : this.#parts.state.holder(node);
  }

  get growing(): GrowingDisks | undefined {
    return this.#parts.medium.growing;
  }

  rest(): Promise<void> {
    return this.#work.coalescer.stop();
  }

  async close(): Promise<void> {
    const { medium, mutex } = this.#parts;
    await this.rest();
    try {
      await mutex.run(async () => medium.close?.());
    } catch (thrown) {
      this.#work.coalescer.start();
      throw thrown;
    }
  }

  /** Somebody has removed the data of a volume already: its record goes too. Whether it was so. */
  #dropLost(location: string): Promise<boolean> {
    const { mutex, state } = this.#parts;
    return mutex.run(async () => {
      const record = await state.lost(location);
      if (record !== undefined) await state.drop(record.uuid);
      return record !== undefined;
    });
  }

  #derive(location: string, kind: Parameters<typeof derive>[2]): Promise<Volume> {
    return this.#work.change(location, kind.operation, async (found) => {
      this.#checkNew(kind.uuid);
      await derive(this.#parts, found, kind);
      return this.#work.describe(await this.#work.get(kind.uuid));
    });
  }

  #checkNew(uuid: string): void {
    const isKnown = this.#parts.state.isKnown(uuid) || this.#coming.has(uuid);
    if (!isUuid(uuid) || isKnown) throw new ApiError('UUID_INVALID', 'VDI', uuid);
  }
}

/** A volume for an image whose record is lost: its data is all that is left. */
function strayRecord(node: Node, medium: Medium): VolumeRecord {
  const uuid = medium.locationOf(node.name);
  const label = { name: uuid, description: 'Found without a record of it', properties: new Map<string, string>() };
  return { uuid, location: uuid, node: node.name, readOnly: false, ...label, smConfig: new Map() };
}
