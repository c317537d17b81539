import type { Intent, MergeIntent } from './records.js';
import type { TreeParts } from './tree-parts.js';

/**
 * Merges that were broken off. What there is tells how far one came: it is completed, or things stay as they were before it. As long as
 * it is not known what domains use, or somebody has open what is to be changed, it waits.
 */
export class PendingMerges {
  readonly #parts: TreeParts;
  readonly #waiting = new Map<string, Intent>();

  constructor(parts: TreeParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Does work for a merge; when that fails, sees what became of it. To be called while nothing else happens in the SR. */
  async during(id: string, intent: Intent, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      await this.settle(id, intent, false);
      throw thrown;
    }
  }

  /** Looks again at all that wait. `isFinal`: nobody uses what nobody is known to use. To be called while nothing else happens in the SR. */
  async settleAll(isFinal: boolean): Promise<void> {
    for (const [id, intent] of [...this.#waiting]) await this.settle(id, intent, isFinal);
  }

  /** Never rejects: what cannot be done now waits. */
  async settle(id: string, intent: Intent, isFinal: boolean): Promise<void> {
    this.#waiting.set(id, intent);
    try {
      if (intent.merge !== undefined && !(await settled(this.#parts, id, intent, intent.merge, isFinal))) return;
      this.#waiting.delete(id);
    } catch (thrown) {
      this.#parts.warn(thrown, 'layers of a disk that were becoming one have to wait');
    }
  }
}

/**
 * What stood on the upper node stands on the lower one, which has the same content, and the upper one goes. To be called while nothing
 * else happens in the SR. Rejects where somebody has something open; it may be called again.
 */
export async function finishMerge(parts: TreeParts, id: string, intent: Intent): Promise<void> {
  const { state, medium, intents } = parts;
  const { merge } = intent;
  const lower = merge && (await state.refresh(merge.lower));
  if (merge !== undefined && lower !== undefined) {
    for (const name of state.tree.children(merge.upper)) {
      const child = await state.refresh(name);
      if (child === undefined) continue;
      await medium.relinkNode(child, lower);
      await state.refresh(name);
    }
    for (const record of state.tree.holders(merge.upper)) await state.put({ ...record, node: merge.lower });
    if (!merge.isNewest) await medium.sealNode(merge.lower);
  }
  await intents.finish(id, intent);
}

async function settled(parts: TreeParts, id: string, intent: Intent, merge: MergeIntent, isFinal: boolean): Promise<boolean> {
  const { state, intents, userOf } = parts;
  const upper = await state.refresh(merge.upper);
  const lower = await state.refresh(merge.lower);
  for (const name of [...state.tree.children(merge.upper)]) await state.refresh(name);
  if (upper === undefined || lower === undefined) {
    await intents.finish(id, intent);
    return true;
  }
  const isKnown = isFinal || !merge.isLive || (await endLive(parts, merge));
  if (merge.isNewest) {
    const isOnLower = state.tree.holders(merge.lower).length > 0;
    // A domain that has gone over was asked to with the guest standing still: until it was noted, both were the same.
    if (userOf(merge.lower) !== undefined || (merge.isLive && isOnLower && isKnown && userOf(merge.upper) === undefined)) {
      for (const record of state.tree.holders(merge.upper)) await state.put({ ...record, node: merge.lower });
      await letGo(parts, merge, merge.lower);
      await finishMerge(parts, id, intent);
      return true;
    }
    await letGo(parts, merge, merge.upper);
    if (!isKnown) return false;
    // Nobody has written to the lower one alone; to the upper one somebody may have, by an old description.
    for (const record of state.tree.holders(merge.lower)) await state.put({ ...record, node: merge.upper });
    await intents.forget(id);
    return true;
  }
  if (await isMoved(parts, merge)) {
    await finishMerge(parts, id, intent);
    return true;
  }
  if (isKnown) await intents.forget(id);
  return isKnown;
}

/** Ends what a domain may still be doing for a merge. Whether it is known which domain that is. */
async function endLive({ state, branching, live }: TreeParts, merge: MergeIntent): Promise<boolean> {
  const { tree } = state;
  const newest = [...state.volumes()].filter(
    ({ record, node }) => !record.readOnly && tree.chain(node.name).includes(merge.lower),
  );
  const names = new Set([merge.lower, merge.upper, ...newest.map(({ node }) => node.name)]);
  let isKnown = false;
  for (const name of names) {
    const path = branching.user(name)?.path;
    if (path === undefined) continue;
    isKnown = true;
    if (name !== merge.lower) await live().endCommit(path);
  }
  return isKnown;
}

/** The guest goes on that stood still for the sake of a merge. */
async function letGo({ branching, live }: TreeParts, { isHeld }: MergeIntent, node: string): Promise<void> {
  const path = branching.user(node)?.path;
  if (isHeld && path !== undefined) await live().letGo(path);
}

/** Whether the lower node has all that the upper one holds: things stand on it that were put there only then. */
async function isMoved({ state, medium }: TreeParts, { lower, upper }: MergeIntent): Promise<boolean> {
  const { tree } = state;
  if (tree.holders(lower).length > 0 || tree.children(lower).some((name) => name !== upper)) return true;
  for (const name of tree.children(upper)) if ((await medium.parentOf(name)) === lower) return true;
  return false;
}
