import { ApiError } from '../../../model/error.js';
import type { Journal } from '../journal.js';
import { type NodeRecord, nodeRecord, type VolumeRecord, volumeRecord } from './volume-record.js';

interface Node {
  record: NodeRecord;
  /** Nodes right above. */
  readonly above: Set<string>;
  /** Locations of the disks that end here. */
  readonly volumes: Set<string>;
}

const VOLUME = 'volume/';
const NODE = 'node/';

/** Disks by location and nodes by name that a change puts or, with null, takes away. */
export interface TreeChange {
  readonly volumes?: Readonly<Record<string, VolumeRecord | null>>;
  readonly nodes?: Readonly<Record<string, NodeRecord | null>>;
}

/** The disks of an SR and the layers they consist of, kept in a journal so that every change is whole or absent. */
export class VolumeTree {
  private readonly sr: string;
  private readonly journal: Journal;
  private readonly volumes = new Map<string, VolumeRecord>();
  private readonly nodes = new Map<string, Node>();

  constructor(sr: string, journal: Journal, warn: (message: string) => void) {
    this.sr = sr;
    this.journal = journal;
    const entries = [...journal.entries()];
    for (const [key, value] of entries) {
      const record = key.startsWith(NODE) ? nodeRecord.safeParse(value) : undefined;
      if (record?.success) this.nodes.set(key.slice(NODE.length), { record: record.data, above: new Set(), volumes: new Set() });
    }
    for (const [name, { record }] of this.nodes) this.node(record.parent)?.above.add(name);
    for (const [key, value] of entries) {
      if (!key.startsWith(VOLUME)) continue;
      const record = volumeRecord.safeParse(value);
      if (record.success && this.nodes.has(record.data.node)) this.putVolume(record.data.location, record.data);
      else warn(`${key} of SR ${sr} is damaged and left out`);
    }
  }

  all(): IterableIterator<VolumeRecord> {
    return this.volumes.values();
  }

  find(location: string): VolumeRecord | undefined {
    return this.volumes.get(location);
  }

  /** The disk at a location; throws VDI_MISSING. */
  get(location: string): VolumeRecord {
    const volume = this.volumes.get(location);
    if (volume === undefined) throw new ApiError('VDI_MISSING', this.sr, location);
    return volume;
  }

  nodeNames(): readonly string[] {
    return [...this.nodes.keys()];
  }

  hasNode(name: string): boolean {
    return this.nodes.has(name);
  }

  /** Size of a node in bytes. */
  nodeSize(name: string): number {
    return this.node(name)?.record.size ?? 0;
  }

  parent(name: string): string | null {
    return this.node(name)?.record.parent ?? null;
  }

  /** Names of a node and those below it. */
  chain(newest: string): readonly string[] {
    const names: string[] = [];
    for (let at: string | null = newest; at !== null; at = this.parent(at)) names.push(at);
    return names;
  }

  /** Whether no disk and no node stands on the node. */
  isUnused(name: string): boolean {
    const node = this.node(name);
    return node !== undefined && node.above.size === 0 && node.volumes.size === 0;
  }

  /** The one node on top of a node at which no disk ends; undefined when there is not exactly one. */
  onlyChild(name: string): string | undefined {
    const node = this.node(name);
    if (node === undefined || node.volumes.size > 0 || node.above.size !== 1) return undefined;
    const [child] = node.above;
    return child;
  }

  /** Gives everything that stands on a node to its parent, and the parent its size; the node is gone afterwards. */
  replaceByParent(name: string): void {
    const node = this.node(name);
    const parent = node?.record.parent ?? null;
    if (node === undefined || parent === null) return;
    const volumes = [...node.volumes].map((location) => [location, { ...this.get(location), node: parent }] as const);
    const above = [...node.above].map((child) => [child, { size: this.nodeSize(child), parent }] as const);
    const grown = { size: node.record.size, parent: this.parent(parent) };
    this.change({
      volumes: Object.fromEntries(volumes),
      nodes: { ...Object.fromEntries(above), [parent]: grown, [name]: null },
    });
  }

  /** Applies a change of several disks and nodes at once. */
  change({ volumes = {}, nodes = {} }: TreeChange): void {
    const changes: Record<string, unknown> = {};
    for (const [location, record] of Object.entries(volumes)) changes[VOLUME + location] = record;
    for (const [name, record] of Object.entries(nodes)) changes[NODE + name] = record;
    this.journal.write(changes);
    for (const [name, record] of Object.entries(nodes)) this.putNode(name, record);
    for (const [location, record] of Object.entries(volumes)) this.putVolume(location, record);
  }

  private putNode(name: string, record: NodeRecord | null): void {
    const before = this.node(name);
    this.node(before?.record.parent ?? null)?.above.delete(name);
    if (record === null) {
      this.nodes.delete(name);
      return;
    }
    if (before === undefined) this.nodes.set(name, { record, above: new Set(), volumes: new Set() });
    else before.record = record;
    this.node(record.parent)?.above.add(name);
  }

  private putVolume(location: string, record: VolumeRecord | null): void {
    this.node(this.volumes.get(location)?.node ?? null)?.volumes.delete(location);
    if (record === null) {
      this.volumes.delete(location);
      return;
    }
    this.volumes.set(location, record);
    this.node(record.node)?.volumes.add(location);
  }

  private node(name: string | null): Node | undefined {
    return name === null ? undefined : this.nodes.get(name);
  }
}
