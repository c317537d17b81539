import type { Mutex } from '../../mutex.js';
import type { Extent } from '../../volume-content.js';
import { Chain } from './chain.js';
import type { NodeFiles } from './node-files.js';
import type { VolumeTree } from './tree.js';

/** Bytes that are moved at a time: others get in between. */
const STEP = 2 ** 20;

/**
 * Removes nodes that nobody uses, and merges a node on which only one other stands into that one. Content never changes:
 * the upper node takes over block by block what it lacks, and the lower one goes when that is done. So it may stop at any
 * moment, and disks can be used meanwhile.
 */
export class Coalescer {
  private readonly tree: VolumeTree;
  private readonly files: NodeFiles;
  private readonly mutex: Mutex;
  private readonly warn: (message: string) => void;
  /** Lower nodes that may be merged. */
  private readonly candidates = new Set<string>();
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(tree: VolumeTree, files: NodeFiles, mutex: Mutex, warn: (message: string) => void) {
    this.tree = tree;
    this.files = files;
    this.mutex = mutex;
    this.warn = warn;
  }

  /** Looks for work that an earlier process left. */
  start(): void {
    for (const node of this.tree.nodeNames()) if (this.tree.onlyChild(node) !== undefined) this.candidates.add(node);
    this.wake();
  }

  /** Removes files and nodes that belong to nothing: what a killed process left half removed. */
  removeStrays(): void {
    const work = async (): Promise<void> => {
      for (const node of this.files.nodes()) if (!this.tree.hasNode(node)) await this.files.remove(node);
      for (const node of this.tree.nodeNames()) if (this.tree.isUnused(node)) await this.released(node);
    };
    this.mutex.run(work).catch((thrown: unknown) => this.warn(`removing of leftovers failed: ${thrown}`));
  }

  /** To be called when something that stood on the node is gone, while the SR is locked. */
  async released(name: string): Promise<void> {
    let node: string | null = name;
    while (node !== null && this.tree.isUnused(node)) {
      const parent = this.tree.parent(node);
      this.tree.change({ nodes: { [node]: null } });
      await this.files.remove(node);
      node = parent;
    }
    if (node !== null && this.tree.onlyChild(node) !== undefined) {
      this.candidates.add(node);
      this.wake();
    }
  }

  settled(): Promise<void> {
    return this.running ?? Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private wake(): void {
    if (this.stopped || this.candidates.size === 0) return;
    this.running ??= this.work()
      .catch((thrown: unknown) => this.warn(`merging of layers failed: ${thrown}`))
      .finally(() => {
        this.running = undefined;
      });
  }

  private async work(): Promise<void> {
    for (const node of this.candidates) {
      this.candidates.delete(node);
      if (!(await this.mergeCheaply(node))) await this.merge(node);
      if (this.stopped) return;
    }
  }

  /** Merges where one of the two holds nothing. Whether there is nothing more to do. */
  private mergeCheaply(lower: string): Promise<boolean> {
    return this.mutex.run(async () => {
      const upper = this.tree.onlyChild(lower);
      if (upper === undefined) return true;
      if (!this.files.has(lower)) await this.dropLower(lower, upper);
      else if (!this.files.has(upper)) {
        await this.files.grow(lower, this.tree.nodeSize(upper));
        this.tree.replaceByParent(upper);
      } else return false;
      return true;
    });
  }

  private async merge(lower: string): Promise<void> {
    const upper = this.tree.onlyChild(lower);
    if (upper === undefined) return;
    const pages = new Chain(this.files, [lower], this.tree.nodeSize(lower)).pageCount;
    for (let page = 0; page < pages; page++) {
      const found = await this.mutex.run(() => new Chain(this.files, [lower], this.tree.nodeSize(lower)).extents(page));
      for (const step of found.flatMap((extent) => [...steps(extent)])) {
        const done = await this.whileMergeable(lower, upper, () =>
          new Chain(this.files, [upper, lower], this.tree.nodeSize(upper)).pull(step),
        );
        if (!done) return;
      }
    }
    await this.whileMergeable(lower, upper, () => this.dropLower(lower, upper));
  }

  /** Does a piece of work with the SR locked, unless the two nodes are no longer to be merged. Whether it was done. */
  private whileMergeable(lower: string, upper: string, work: () => Promise<void>): Promise<boolean> {
    return this.mutex.run(async () => {
      if (this.stopped || this.tree.onlyChild(lower) !== upper) return false;
      await work();
      return true;
    });
  }

  private async dropLower(lower: string, upper: string): Promise<void> {
    this.tree.change({ nodes: { [upper]: { size: this.tree.nodeSize(upper), parent: this.tree.parent(lower) }, [lower]: null } });
    await this.files.remove(lower);
  }
}

/** An extent in pieces that are moved at once. */
export function* steps({ offset, length }: Extent): Generator<Extent> {
  for (let at = 0; at < length; at += STEP) yield { offset: offset + at, length: Math.min(STEP, length - at) };
}
