import { v5 } from 'uuid';
import type { Medium, Node } from './medium.js';
import type { Intent, VolumeRecord } from './records.js';
import { VolumeTree } from './volume-tree.js';

/** Under which names of SRs and found images become uuids that are the same every time. */
const FOUND = '7a3c2c0e-5d1f-4b7e-9c61-0d6f4b1e8a25';

/** What is known of an SR's nodes and volumes; what is changed here is on the medium first. */
export class TreeState {
  readonly medium: Medium;
  readonly #sr: string;
  readonly #volumes = new Map<string, VolumeRecord>();
  readonly #claims: Set<string>;
  readonly #nodes: Map<string, Node>;
  #tree: VolumeTree | undefined;

  private constructor(
    sr: string,
    medium: Medium,
    volumes: readonly VolumeRecord[],
    claims: readonly string[],
    nodes: Iterable<Node>,
  ) {
    this.#sr = sr;
    this.medium = medium;
    for (const record of volumes) this.#volumes.set(record.location, record);
    this.#claims = new Set(claims);
    this.#nodes = new Map(Array.from(nodes, (node) => [node.name, node]));
  }

  /** Reads everything, with the intents that a crash left behind. */
  static async open(sr: string, medium: Medium): Promise<{ state: TreeState; intents: ReadonlyMap<string, Intent> }> {
    const { volumes, claims, intents } = await medium.records.load();
    const nodes = await medium.nodes();
    return { state: new TreeState(sr, medium, volumes, claims, nodes.values()), intents };
  }

  /** Nodes and volumes as they are known now; to be asked for again after every change. */
  get tree(): VolumeTree {
    this.#tree ??= new VolumeTree(this.#nodes, this.#volumes.values(), (name) => this.isOurs(name));
    return this.#tree;
  }

  /** Looks at every node again. */
  async rescan(): Promise<void> {
    const nodes = await this.medium.nodes();
    this.#nodes.clear();
    for (const [name, node] of nodes) this.#nodes.set(name, node);
    this.#tree = undefined;
  }

  /** Looks at one node again. */
  async refresh(name: string): Promise<Node | undefined> {
    const node = await this.medium.node(name);
    if (node === undefined) this.#nodes.delete(name);
    else this.#nodes.set(name, node);
    this.#tree = undefined;
    return node;
  }

  isOurs(name: string): boolean {
    return this.medium.isOwn(name) || this.#claims.has(name);
  }

  isKnown(uuid: string): boolean {
    for (const record of this.#volumes.values()) if (record.uuid === uuid) return true;
    return this.#volumes.has(uuid);
  }

  /** Every volume whose data is there, with its newest node. */
  *volumes(): Generator<{ readonly record: VolumeRecord; readonly node: Node }> {
    for (const record of this.#volumes.values()) {
      const node = this.#nodes.get(record.node);
      if (node !== undefined) yield { record, node };
    }
    for (const node of this.tree.found()) yield { record: this.#foundRecord(node), node };
  }

  /** A volume with its newest node as it is now; undefined when there is none, or no data of it. */
  async find(location: string): Promise<{ readonly record: VolumeRecord; readonly node: Node } | undefined> {
    const record = this.#volumes.get(location);
    const name = record?.node ?? this.medium.foundName(location);
    const node = name === undefined ? undefined : await this.refresh(name);
    if (node === undefined) return undefined;
    if (record !== undefined) return { record, node };
    return this.isOurs(node.name) ? undefined : { record: this.#foundRecord(node), node };
  }

  /** Name of the newest node of a volume, as it was seen last. */
  newest(location: string): string | undefined {
    return this.#volumes.get(location)?.node ?? this.medium.foundName(location);
  }

  /** A volume that is known and of whose data nothing is there. */
  async lost(location: string): Promise<VolumeRecord | undefined> {
    const record = this.#volumes.get(location);
    return record !== undefined && (await this.refresh(record.node)) === undefined ? record : undefined;
  }

  /** Location of the volume that has a node as its current data; undefined when none has. */
  holder(name: string): string | undefined {
    const holders = this.tree.holders(name);
    const holder = holders.find(({ readOnly }) => !readOnly) ?? holders[0];
    if (holder !== undefined) return holder.location;
    return this.isOurs(name) ? this.#outOfStep(name)?.location : this.medium.locationOf(name);
  }

  /**
   * The writable volume that a domain uses at a node which is not the volume's newest: one above it that was made by others,
   * or one below.
   */
  #outOfStep(name: string): VolumeRecord | undefined {
    const origin = this.#nodes.has(name) ? name : this.medium.originOf(name);
    for (const below of this.tree.chain(origin)) {
      const record = this.tree.holders(below).find(({ readOnly }) => !readOnly);
      if (record !== undefined) return record;
    }
    const above = [...this.#volumes.values()].filter(({ node, readOnly }) => !readOnly && this.tree.chain(node).includes(name));
    return above.length === 1 ? above[0] : undefined;
  }

  async put(record: VolumeRecord): Promise<void> {
    await this.medium.records.putVolume(record);
    this.#volumes.set(record.location, record);
    this.#tree = undefined;
  }

  /** Removes the record and the memory image of a volume, where there are any. */
  async drop(uuid: string): Promise<void> {
    await this.medium.removeMemory(uuid);
    await this.medium.records.removeVolume(uuid);
    for (const [location, record] of this.#volumes) if (record.uuid === uuid) this.#volumes.delete(location);
    this.#tree = undefined;
  }

  /**
   * Makes the node of a found volume one of ours: it stays when the volume goes on above it, and goes when nobody needs it.
   * The record comes first: a node of ours without one would not be shown.
   */
  async claim(record: VolumeRecord): Promise<void> {
    if (this.isOurs(record.node)) return;
    await this.put(record);
    await this.medium.records.putClaim(record.node);
    this.#claims.add(record.node);
    this.#tree = undefined;
  }

  /** Removes those of some nodes that nobody needs, and what below them nobody needs then. */
  async sweep(names: readonly string[]): Promise<void> {
    for (const name of names) await this.refresh(name);
    for (const name of this.tree.superfluous(names)) {
      await this.medium.removeNode(name);
      if (this.#claims.has(name)) await this.medium.records.removeClaim(name);
      this.#claims.delete(name);
      this.#nodes.delete(name);
      this.#tree = undefined;
    }
  }

  #foundRecord(node: Node): VolumeRecord {
    const location = this.medium.locationOf(node.name);
    return {
      uuid: v5(`${this.#sr}/${location}`, FOUND),
      location,
      node: node.name,
      readOnly: node.foreign === true || this.tree.isBase(node.name),
      name: location,
      description: '',
      properties: new Map(),
      smConfig: new Map([['image-format', node.format]]),
    };
  }
}
