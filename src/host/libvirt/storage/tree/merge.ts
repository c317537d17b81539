import type { Unsubscribe } from '../../../progress.js';
import type { FoundVolume } from './in-step.js';
import { finishMerge, type PendingMerges } from './pending-merges.js';
import type { Intent, MergeIntent } from './records.js';
import type { TreeParts } from './tree-parts.js';
import type { NodePair } from './volume-tree.js';

/** That two layers cannot become one now, but maybe later: something else has them. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}

interface User extends FoundVolume {
  /** The path by which a domain has the newest node of the disk. */
  readonly path: string;
}

/**
 * Makes two layers one: what the upper one holds goes into the lower one, then everything that stands on the upper one is put on the lower
 * one, then the upper one goes. What disks hold is the same at every moment, so a merge that breaks off anywhere does no harm.
 * Rejects with NotNow, with the reason of the signal, and with what the medium and libvirt have to say.
 */
export async function merge(parts: TreeParts, pending: PendingMerges, pair: NodePair, signal: AbortSignal): Promise<void> {
  const users = usersAbove(parts, pair);
  const [user, ...others] = users;
  // Only one QEMU can be told by libvirt that a layer below its own is gone.
  if (others.length > 0) throw new NotNow('several domains use the layer');
  if (user === undefined) await mergeIdle(parts, pending, pair, signal);
  else await mergeLive(parts, pending, pair, user, signal);
}

/** The disks of running domains whose content is in the upper node of a pair. */
function usersAbove({ state, branching }: TreeParts, { lower, upper }: NodePair): readonly User[] {
  const { tree } = state;
  const found: User[] = [];
  const newest = new Set<string>();
  for (const { record, node } of state.volumes()) {
    if (record.readOnly || !tree.chain(node.name).includes(upper.name)) continue;
    newest.add(node.name);
    const path = branching.user(node.name)?.path;
    if (path !== undefined) found.push({ record, node, path });
  }
  for (const { name } of [lower, upper]) {
    if (!newest.has(name) && branching.user(name) !== undefined) throw new NotNow(`a domain writes to ${name}`);
  }
  return found;
}

async function mergeIdle(parts: TreeParts, pending: PendingMerges, pair: NodePair, signal: AbortSignal): Promise<void> {
  const { medium, mutex, intents } = parts;
  const seen = watchReleases(parts, pair);
  try {
    await medium.prepareMerge(pair);
    await medium.mergeNodes(pair, signal);
    await mutex.run(async () => {
      signal.throwIfAborted();
      needSame(parts, pair);
      if (usersAbove(parts, pair).length > 0 || seen.isReleased) throw new NotNow('a domain has come meanwhile');
      await medium.needFree(pair.upper.name);
      const intent = intentOf(parts, pair, { isLive: false });
      const id = await intents.begin(intent);
      await pending.during(id, intent, () => finishMerge(parts, id, intent));
    });
  } finally {
    seen.off();
    await endMerge(parts, pair);
  }
}

async function mergeLive(
  parts: TreeParts,
  pending: PendingMerges,
  pair: NodePair,
  { path }: User,
  signal: AbortSignal,
): Promise<void> {
  const { medium, mutex, intents, live } = parts;
  const { lower, upper } = pair;
  // The size of a device is not QEMU's to change.
  if (lower.format === 'raw' && lower.virtualSize !== upper.virtualSize) throw new NotNow('the layer below is smaller');
  let intent = intentOf(parts, pair, { isLive: true });
  const id = await mutex.run(async () => {
    needSame(parts, pair);
    return intents.begin(intent);
  });
  try {
    await medium.prepareMerge(pair);
    const paths = { upper: medium.paths(upper.name), lower: medium.paths(lower.name) };
    await live().commit(path, paths, signal);
    await mutex.run(async () => {
      if (!intent.merge?.isNewest) return finishMerge(parts, id, intent);
      signal.throwIfAborted();
      needSame(parts, pair);
      await live().pivot(path, {
        holding: async () => {
          intent = intentOf(parts, pair, { isLive: true, isHeld: true });
          await intents.change(id, intent);
        },
        gone: () => putOnLower(parts, pair),
      });
      await finishMerge(parts, id, intent);
    });
  } catch (thrown) {
    // Whether it came about all the same, what there is tells.
    await mutex.run(() => pending.settle(id, intent, false));
    throw thrown;
  } finally {
    await endMerge(parts, pair);
  }
}

/** The disk whose newest node was the upper one has the lower one as newest now. */
async function putOnLower({ state }: TreeParts, { lower, upper }: NodePair): Promise<void> {
  for (const record of state.tree.holders(upper.name)) await state.put({ ...record, node: lower.name });
}

async function endMerge({ medium, state, mutex, branching, warn }: TreeParts, pair: NodePair): Promise<void> {
  const { name } = pair.lower;
  await mutex
    .run(async () => {
      await medium.endMerge(pair, branching.user(name) !== undefined);
      if (state.tree.isBase(name)) await medium.sealNode(name);
    })
    .catch((thrown: unknown) => warn(thrown, `room that ${name} does not need could not be given back`));
}

function intentOf(
  { state }: TreeParts,
  { lower, upper }: NodePair,
  { isLive, isHeld = false }: Pick<MergeIntent, 'isLive'> & Partial<MergeIntent>,
): Intent {
  const isNewest = !state.tree.isBase(upper.name);
  return { nodes: [upper.name], volumes: [], merge: { upper: upper.name, lower: lower.name, isNewest, isLive, isHeld } };
}

function needSame({ state }: TreeParts, { lower, upper }: NodePair): void {
  const isThere = state.tree.mergeable().some((pair) => pair.lower.name === lower.name && pair.upper.name === upper.name);
  if (!isThere) throw new NotNow('the tree has changed meanwhile');
}

/** Whether a domain that was started behind our back had one of two nodes open, and is gone already. */
function watchReleases(
  { medium, live }: TreeParts,
  { lower, upper }: NodePair,
): { readonly isReleased: boolean; off: Unsubscribe } {
  const own = new Set([lower, upper].flatMap(({ name }) => medium.paths(name)));
  let isReleased = false;
  const off = live().onReleased((paths) => {
    isReleased ||= paths.some((path) => own.has(path));
  });
  return {
    get isReleased() {
      return isReleased;
    },
    off,
  };
}
