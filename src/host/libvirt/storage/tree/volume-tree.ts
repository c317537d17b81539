import type { Node } from './medium.js';
import type { VolumeRecord } from './records.js';

/** Two layers of disks, one directly above the other. */
export interface NodePair {
  readonly lower: Node;
  readonly upper: Node;
}

/** The disks of an SR and the nodes that they consist of, at one moment. */
export class VolumeTree {
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #isOurs: (name: string) => boolean;
  readonly #children = new Map<string, string[]>();
  readonly #holders = new Map<string, VolumeRecord[]>();

  /** `isOurs`: whether a node of a name belongs to the disks of the SR, or was just found on the medium. */
  constructor(nodes: ReadonlyMap<string, Node>, records: Iterable<VolumeRecord>, isOurs: (name: string) => boolean) {
    this.#nodes = nodes;
    this.#isOurs = isOurs;
    for (const { name, parent } of nodes.values()) if (parent !== undefined) add(this.#children, parent, name);
    for (const record of records) add(this.#holders, record.node, record);
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** Volumes whose current data a node is. */
  holders(name: string): readonly VolumeRecord[] {
    return this.#holders.get(name) ?? [];
  }

  /** Whether images of the SR stand on a node. */
  isBase(name: string): boolean {
    return (this.#children.get(name)?.length ?? 0) > 0;
  }

  /** Names of the nodes that stand on a node. */
  children(name: string): readonly string[] {
    return this.#children.get(name) ?? [];
  }

  /**
   * Pairs of nodes that can become one: on the lower one, which no volume has, only the upper one stands. The deepest come first, so
   * that data moves once.
   */
  mergeable(): readonly NodePair[] {
    const pairs = [...this.#nodes.values()].flatMap((lower): NodePair[] => {
      if (!this.#isMergeable(lower) || this.holders(lower.name).length > 0) return [];
      const [name = '', ...others] = this.children(lower.name);
      const upper = this.#nodes.get(name);
      if (upper === undefined || others.length > 0 || !this.#isMergeable(upper) || upper.format !== 'qcow2') return [];
      // What stands on a layer says so in its header, which is not ours to change in an image of somebody else.
      if (!this.children(name).every((child) => this.#isOurs(child))) return [];
      return upper.virtualSize < lower.virtualSize ? [] : [{ lower, upper }];
    });
    return pairs.sort((a, b) => this.chain(a.lower.name).length - this.chain(b.lower.name).length);
  }

  #isMergeable({ name, format, foreign }: Node): boolean {
    return this.#isOurs(name) && foreign !== true && (format === 'qcow2' || format === 'raw');
  }

  /** Names of a node and those below it, as far as they are here. */
  chain(newest: string): readonly string[] {
    const names: string[] = [];
    // Headers may lie: a ring must not hold us.
    for (let at: string | undefined = newest; at !== undefined && !names.includes(at); at = this.#nodes.get(at)?.parent) {
      names.push(at);
    }
    return names;
  }

  /** The node of ours that somebody else has put on one, when it is the only one there and no volume has it. */
  continuation(name: string): Node | undefined {
    const [child, ...others] = this.#children.get(name) ?? [];
    if (child === undefined || others.length > 0 || !this.#isOurs(child) || this.holders(child).length > 0) return undefined;
    return this.#nodes.get(child);
  }

  /** Nodes that were found on the medium and are disks by themselves. */
  *found(): Generator<Node> {
    for (const node of this.#nodes.values()) if (!this.#isOurs(node.name) && this.holders(node.name).length === 0) yield node;
  }

  /** Nodes of ours on which nothing stands and that no volume has. */
  *strays(): Generator<Node> {
    for (const node of this.#nodes.values()) {
      if (this.#isOurs(node.name) && !this.isBase(node.name) && this.holders(node.name).length === 0) yield node;
    }
  }

  /**
   * Which of some nodes nobody needs, with those below them that nobody needs then, in an order in which they can be
   * removed. Only nodes of ours, and some that are not there any more.
   */
  superfluous(names: readonly string[]): readonly string[] {
    const gone: string[] = [];
    const isGone = (name: string): boolean => gone.includes(name);
    const open = [...names];
    for (let waiting = open.length; open.length > 0 && waiting > 0; waiting--) {
      const name = open.shift() ?? '';
      const children = this.#children.get(name) ?? [];
      if (this.holders(name).length > 0 || isGone(name)) continue;
      if (!children.every(isGone)) {
        // Another one of the list may have to go first.
        open.push(name);
        continue;
      }
      if (!this.#isOurs(name)) continue;
      gone.push(name);
      const parent = this.#nodes.get(name)?.parent;
      if (parent !== undefined) open.push(parent);
      waiting = open.length + 1;
    }
    return gone;
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
