import { refusal } from '../../../storage-refusal.js';
import type { LiveDisks, VolumeSource } from '../../volume-source.js';
import type { Node } from './medium.js';
import type { Intent, VolumeRecord } from './records.js';
import type { TreeState } from './tree-state.js';

/** Layers of one disk: every read looks through them, so their number is bounded as the original's is. */
export const MAX_CHAIN = 30;

/** How the data of a volume becomes a base on which other nodes can stand. */
export interface Branch {
  /** The node that is not written to any more; undefined where all is zeros. */
  readonly base: Node | undefined;
  /** The node in which the volume itself goes on; undefined where it can stay at its own. */
  readonly overlay: string | undefined;
  /** The path under which a running domain writes to the volume. */
  readonly usedAt: string | undefined;
}

/** Gives the current data of volumes to others as a base. */
export class Branching {
  readonly #state: TreeState;
  readonly #live: () => LiveDisks;

  constructor(state: TreeState, live: () => LiveDisks) {
    this.#state = state;
    this.#live = live;
  }

  /** The domain that has a node open as a writable disk, with the path by which it does; undefined when none has. */
  user(node: string): { readonly domain: string; readonly path: string } | undefined {
    for (const path of this.#state.medium.paths(node)) {
      const domain = this.#live().user(path);
      if (domain !== undefined) return { domain, path };
    }
    return undefined;
  }

  /** How QEMU reaches a node. */
  source({ name, format, virtualSize }: Pick<Node, 'name' | 'format' | 'virtualSize'>, readOnly: boolean): VolumeSource {
    const { medium } = this.#state;
    return { path: medium.paths(name)[0], kind: medium.kind, format, readOnly, virtualSize };
  }

  /**
   * What has to be done; nothing is changed yet, but that a found node becomes one of ours. Throws when the chain is too
   * long.
   */
  async plan(record: VolumeRecord, node: Node): Promise<Branch> {
    const { medium, tree } = this.#state;
    if (record.readOnly) return { base: node, overlay: undefined, usedAt: undefined };
    const usedAt = this.user(node.name)?.path;
    // A node without data adds nothing to the one below it, so chains do not grow with every clone of a template.
    if (usedAt === undefined && (await medium.isUnwritten(node))) {
      if (node.parent === undefined && !node.outside) return { base: undefined, overlay: undefined, usedAt };
      const parent = node.parent === undefined ? undefined : tree.node(node.parent);
      if (parent?.virtualSize === node.virtualSize) return { base: parent, overlay: undefined, usedAt };
    }
    if (tree.chain(node.name).length >= MAX_CHAIN) throw refusal('chainTooLong', 'The snapshot chain is too long');
    await this.#state.claim(record);
    return { base: node, overlay: medium.newName(), usedAt };
  }

  /** What a plan means for the intent of the operation that it is part of. */
  intent(record: VolumeRecord, { overlay, usedAt }: Branch): Pick<Intent, 'nodes' | 'forward'> {
    if (overlay === undefined) return { nodes: [] };
    const forward = { record: { ...record, node: overlay }, from: record.node };
    return { nodes: [overlay], ...(usedAt !== undefined && { forward }) };
  }

  /** Makes the volume go on above its base, a running domain too. */
  async carryOut(record: VolumeRecord, { base, overlay, usedAt }: Branch): Promise<void> {
    if (base === undefined || overlay === undefined) return;
    const { medium } = this.#state;
    const { virtualSize } = base;
    await medium.createNode(overlay, { format: 'qcow2', virtualSize }, base);
    if (usedAt !== undefined)
      await this.#live().switchTo(usedAt, this.source({ name: overlay, format: 'qcow2', virtualSize }, false));
    await this.#state.put({ ...record, node: overlay });
    await medium.sealNode(base.name);
    await this.#state.refresh(overlay);
  }
}
