import type { UserOf } from './intents.js';
import type { Node } from './medium.js';
import type { VolumeRecord } from './records.js';
import type { TreeState } from './tree-state.js';

/** A volume with its newest node. */
export interface FoundVolume {
  readonly record: VolumeRecord;
  readonly node: Node;
}

/**
 * Brings the record of a volume in line with the node that its domain writes to, where others changed that: libvirt's own
 * tools put a node on the newest one, or a crash left it open whether a domain had gone over to it.
 */
export async function inStep(state: TreeState, userOf: UserOf, found: FoundVolume): Promise<FoundVolume> {
  if (found.record.readOnly) return found;
  const { record } = found;
  let { node } = found;
  for (let next = state.tree.continuation(node.name); next !== undefined; next = state.tree.continuation(node.name)) node = next;
  if (node === found.node && userOf(node.name) === undefined) node = (await usedBelow(state, userOf, node)) ?? node;
  if (node === found.node) return found;
  await state.claim(record);
  const moved = { ...record, node: node.name };
  await state.put(moved);
  // An empty node that nobody went over to; whatever others made stays, because the volume stands on it or has it.
  await state.sweep([record.node]);
  return { record: moved, node };
}

/** The node below that a domain still writes to, when there is nothing in those above it. */
async function usedBelow(state: TreeState, userOf: UserOf, newest: Node): Promise<Node | undefined> {
  const skipped: Node[] = [];
  for (const name of state.tree.chain(newest.name)) {
    const node = state.tree.node(name);
    if (node === undefined) return undefined;
    if (userOf(name) !== undefined) return skipped.length > 0 && (await areUnwritten(state, skipped)) ? node : undefined;
    skipped.push(node);
  }
  return undefined;
}

async function areUnwritten({ medium, tree }: TreeState, nodes: readonly Node[]): Promise<boolean> {
  for (const node of nodes) if (tree.holders(node.name).length > 1 || !(await medium.isUnwritten(node))) return false;
  return true;
}
