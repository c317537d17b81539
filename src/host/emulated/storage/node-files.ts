import { constants } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '../../uuid-text.js';
import { BlockMap } from './block-map.js';

/** The open files of a node: its data, sparse and at the same offsets as in the disk, and the map of its blocks. */
export interface OpenNode {
  readonly data: FileHandle;
  readonly mapFile: FileHandle;
  readonly map: BlockMap;
}

/** Nodes of one SR whose files are kept open: a copy works on two chains of a few nodes each. */
const OPEN_NODES = 32;
const BYTES_PER_STAT_BLOCK = 512;

/** The files of the nodes of one SR. A node has files from its first write on. Used by one operation at a time. */
export class NodeFiles {
  private readonly directory: string;
  private readonly open = new Map<string, OpenNode>();
  private readonly present: Set<string>;
  /** Bytes that files took when they were last asked. */
  private readonly allocated = new Map<string, number>();
  /** Nodes written since then. */
  private readonly changed: Set<string>;
  private sum = 0;

  /** `names` are the files found in the directory. */
  constructor(directory: string, names: readonly string[]) {
    this.directory = directory;
    this.present = new Set(names.filter((name) => name.endsWith(DATA)).map((name) => name.slice(0, -DATA.length)));
    this.changed = new Set(this.present);
  }

  has(node: string): boolean {
    return this.present.has(node);
  }

  /** Nodes that have files. */
  nodes(): readonly string[] {
    return [...this.present];
  }

  /** The files of a node that has some, for reading and writing. */
  async get(node: string): Promise<OpenNode | undefined> {
    return this.present.has(node) ? this.openNode(node, 0) : undefined;
  }

  /** The files of a node, made if it has none yet. Size: that of the disk. */
  async make(node: string, size: number): Promise<OpenNode> {
    if (this.present.has(node)) return this.openNode(node, 0);
    const made = await this.openNode(node, constants.O_CREAT);
    await made.data.truncate(size);
    this.present.add(node);
    return made;
  }

  /** Makes the file of a node larger, if it has one. */
  async grow(node: string, size: number): Promise<void> {
    await (await this.get(node))?.data.truncate(size);
  }

  /** To be called after a write to the node. */
  written(node: string): void {
    this.changed.add(node);
  }

  /** Asks the file system what the files that were written take; `allocation` and `total` tell of this moment. */
  async refresh(): Promise<void> {
    for (const node of this.changed) {
      this.allocate(node, (await stat(this.path(node, DATA))).blocks * BYTES_PER_STAT_BLOCK);
      this.changed.delete(node);
    }
  }

  /** Bytes that the node takes on the medium. */
  allocation(node: string): number {
    return this.allocated.get(node) ?? 0;
  }

  /** Bytes that all nodes take. */
  get total(): number {
    return this.sum;
  }

  private allocate(node: string, bytes: number): void {
    this.sum += bytes - this.allocation(node);
    this.allocated.set(node, bytes);
  }

  async remove(node: string): Promise<void> {
    if (!this.present.delete(node)) return;
    await this.shut(node);
    this.allocate(node, 0);
    this.allocated.delete(node);
    this.changed.delete(node);
    await rm(this.path(node, DATA), { force: true });
    await rm(this.path(node, MAP), { force: true });
  }

  async close(): Promise<void> {
    for (const node of [...this.open.keys()]) await this.shut(node);
  }

  private path(node: string, suffix: string): string {
    if (!isUuid(node)) throw new TypeError('a node is named by a uuid');
    return join(this.directory, `${node}${suffix}`);
  }

  private async openNode(node: string, flags: number): Promise<OpenNode> {
    const known = this.open.get(node);
    if (known !== undefined) {
      this.open.delete(node);
      this.open.set(node, known);
      return known;
    }
    for (const oldest of this.open.keys()) {
      if (this.open.size < OPEN_NODES) break;
      await this.shut(oldest);
    }
    // The map comes first: a node counts as one with files when its data file is there.
    const mapFile = await open(this.path(node, MAP), constants.O_RDWR | constants.O_CREAT, 0o600);
    const data = await open(this.path(node, DATA), constants.O_RDWR | flags, 0o600);
    const opened = { data, mapFile, map: new BlockMap(mapFile, (await mapFile.stat()).size) };
    this.open.set(node, opened);
    return opened;
  }

  private async shut(node: string): Promise<void> {
    const opened = this.open.get(node);
    if (opened === undefined) return;
    this.open.delete(node);
    await opened.data.close();
    await opened.mapFile.close();
  }
}

const DATA = '.data';
const MAP = '.map';
