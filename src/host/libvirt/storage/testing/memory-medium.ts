import { v4 as newUuid } from 'uuid';
import type { SrSpace } from '../../../storage.js';
import type { Medium, Node, NodeShape, RecordStore, Records } from '../tree/medium.js';
import { type Intent, intentText, parseIntent, parseVolume, type VolumeRecord, volumeText } from '../tree/records.js';
import type { NodePair } from '../tree/volume-tree.js';

interface StoredNode {
  readonly node: Node;
  /** Blocks that were written, by number. */
  readonly blocks: Map<number, string>;
}

/** A medium without a disk below it, whose content a test can read and write block by block. */
export class MemoryMedium implements Medium {
  readonly kind = 'file';
  readonly stored = new Map<string, StoredNode>();
  readonly memory = new Set<string>();
  readonly volumes = new Map<string, string>();
  readonly claims = new Set<string>();
  readonly intents = new Map<string, string>();
  readonly sealed = new Set<string>();

  readonly records: RecordStore = {
    load: async (): Promise<Records> => ({
      volumes: Array.from(this.volumes.values(), parseVolume),
      claims: [...this.claims],
      intents: new Map(Array.from(this.intents, ([id, text]) => [id, parseIntent(text)])),
    }),
    putVolume: async (record: VolumeRecord) => void this.volumes.set(record.uuid, volumeText(record)),
    removeVolume: async (uuid: string) => void this.volumes.delete(uuid),
    putClaim: async (node: string) => void this.claims.add(node),
    removeClaim: async (node: string) => void this.claims.delete(node),
    putIntent: async (id: string, intent: Intent) => void this.intents.set(id, intentText(intent)),
    removeIntent: async (id: string) => void this.intents.delete(id),
  };

  /** Puts an image there that somebody else made. */
  find(name: string, virtualSize: number, parent?: string): void {
    this.stored.set(name, { node: nodeOf(name, virtualSize, parent), blocks: new Map() });
  }

  /** What a guest does that has a path open. */
  write(path: string, block: number, value: string): void {
    const stored = this.stored.get(path.slice('/sr/'.length));
    if (stored === undefined) throw new Error(`${path} is gone`);
    stored.blocks.set(block, value);
  }

  /** What QEMU does that moves the data of one layer into the one below. */
  commit(upper: string, lower: string): void {
    const above = this.stored.get(upper.slice('/sr/'.length));
    const below = this.stored.get(lower.slice('/sr/'.length));
    if (above === undefined || below === undefined) throw new Error(`${upper} or ${lower} is gone`);
    for (const [block, value] of above.blocks) below.blocks.set(block, value);
    const { virtualSize } = above.node;
    this.stored.set(below.node.name, { ...below, node: { ...below.node, virtualSize } });
  }

  /** What QEMU does with the layers of a disk, of which one stood on the upper one of two. */
  relinkAbove(newest: string, upper: string, lower: string): void {
    const parent = lower.slice('/sr/'.length);
    for (let at: string | undefined = newest.slice('/sr/'.length); at !== undefined; ) {
      const stored: StoredNode | undefined = this.stored.get(at);
      if (stored !== undefined && `/sr/${stored.node.parent}` === upper)
        this.stored.set(at, { ...stored, node: { ...stored.node, parent } });
      at = stored?.node.parent;
    }
  }

  /** What is in a disk: its blocks in order. */
  content(path: string): string {
    const blocks = new Map<number, string>();
    for (let at: string | undefined = path.slice('/sr/'.length); at !== undefined; ) {
      const stored = this.stored.get(at);
      if (stored === undefined) throw new Error(`${at} is gone`);
      for (const [block, value] of stored.blocks) if (!blocks.has(block)) blocks.set(block, value);
      at = stored.node.parent;
    }
    return [...blocks]
      .sort(([a], [b]) => a - b)
      .map(([block, value]) => `${block}${value}`)
      .join(' ');
  }

  async space(): Promise<SrSpace> {
    return { physicalSize: 2 ** 40, physicalUtilisation: 0 };
  }

  async nodes(): Promise<ReadonlyMap<string, Node>> {
    return new Map(Array.from(this.stored, ([name, { node }]) => [name, node]));
  }

  async node(name: string): Promise<Node | undefined> {
    return this.stored.get(name)?.node;
  }

  newName(): string {
    return `own-${newUuid()}`;
  }

  isOwn(name: string): boolean {
    return name.startsWith('own-');
  }

  originOf(name: string): string {
    return name;
  }

  locationOf(name: string): string {
    return name.replace(/^own-/, '');
  }

  foundName(location: string): string {
    return location;
  }

  shapeOf(virtualSize: number): NodeShape {
    return { format: 'qcow2', virtualSize };
  }

  async createNode(name: string, { virtualSize }: NodeShape, parent: Node | undefined): Promise<void> {
    this.find(name, virtualSize, parent?.name);
  }

  async removeNode(name: string): Promise<void> {
    this.stored.delete(name);
  }

  async growNode(node: Node, virtualSize: number): Promise<void> {
    const stored = this.stored.get(node.name);
    if (stored !== undefined) this.stored.set(node.name, { ...stored, node: { ...node, virtualSize } });
  }

  async growUsed(node: Node, virtualSize: number, grow: () => Promise<void>): Promise<void> {
    await grow();
    await this.growNode(node, virtualSize);
  }

  async provide(name: string): Promise<void> {
    if (!this.stored.has(name)) throw new Error(`${name} is gone`);
  }

  async makeRoom(): Promise<void> {
    // There always is.
  }

  async giveBackRoom(): Promise<void> {
    // None was made.
  }

  async sealNode(name: string): Promise<void> {
    this.sealed.add(name);
  }

  async prepareMerge({ lower }: NodePair): Promise<void> {
    this.sealed.delete(lower.name);
  }

  async mergeNodes({ lower, upper }: NodePair): Promise<void> {
    this.commit(`/sr/${upper.name}`, `/sr/${lower.name}`);
  }

  async endMerge(): Promise<void> {
    // There is nothing to give back.
  }

  async needFree(): Promise<void> {
    // Nobody locks anything.
  }

  async parentOf(name: string): Promise<string | undefined> {
    return this.stored.get(name)?.node.parent;
  }

  async relinkNode({ name }: Node, parent: Node): Promise<void> {
    const stored = this.stored.get(name);
    if (stored !== undefined) this.stored.set(name, { ...stored, node: { ...stored.node, parent: parent.name } });
  }

  async isUnwritten({ name }: Node): Promise<boolean> {
    return this.stored.get(name)?.blocks.size === 0;
  }

  paths(name: string): readonly [string, ...string[]] {
    return [`/sr/${name}`];
  }

  nodeAt(path: string): string | undefined {
    return path.startsWith('/sr/') ? path.slice('/sr/'.length) : undefined;
  }

  memoryPath(volume: string): string {
    return `/memory/${volume}`;
  }

  async memorySize(volume: string): Promise<{ readonly size: number; readonly allocated: number } | undefined> {
    return this.memory.has(volume) ? { size: 1000, allocated: 4096 } : undefined;
  }

  async prepareMemory(): Promise<void> {
    // The path is good as it is.
  }

  async importMemory(volume: string): Promise<void> {
    this.memory.add(volume);
  }

  async shareMemory(from: string, to: string): Promise<void> {
    if (this.memory.has(from)) this.memory.add(to);
  }

  async removeMemory(volume: string): Promise<void> {
    this.memory.delete(volume);
  }
}

function nodeOf(name: string, virtualSize: number, parent: string | undefined): Node {
  return { name, format: 'qcow2', virtualSize, allocated: 4096, parent, outside: false };
}
