import type { VolumeLabel } from '../../../storage.js';
import type { Branch } from './branching.js';
import type { FoundVolume } from './in-step.js';
import type { VolumeRecord } from './records.js';
import type { TreeParts } from './tree-parts.js';
import { needIdle, needOurs, needSpace, needUnwritten, needWritable } from './volume-checks.js';

/**
 * Makes a volume of what another one is now: a snapshot, or one that can be written to. To be called while nothing else happens in the
 * SR.
 */
export async function derive(
  parts: TreeParts,
  { record, node }: FoundVolume,
  copied: {
    readonly uuid: string;
    readonly properties: VolumeLabel['properties'] | undefined;
    readonly operation: string;
    readonly readOnly: boolean;
  },
): Promise<void> {
  const { branching, intents, medium } = parts;
  const { uuid, properties = new Map<string, string>(), operation, readOnly } = copied;
  needOurs(parts, node);
  needUnwritten(parts, record, node, operation);
  if (!readOnly) await needSpace(parts, node.virtualSize);
  const branch = await branching.plan(record, node);
  const { nodes, forward } = branching.intent(record, branch);
  // A snapshot is the base itself, unless there is none.
  const fresh = readOnly && branch.base !== undefined ? undefined : medium.newName();
  const copy = { ...record, uuid, location: uuid, readOnly, properties, node: fresh ?? branch.base?.name ?? node.name };
  const made = fresh === undefined ? nodes : [...nodes, fresh];
  await intents.run({ nodes: made, volumes: [uuid], ...(forward && { forward }) }, () =>
    branchOff(parts, record, branch, copy, fresh === undefined ? undefined : { name: fresh, size: node.virtualSize }),
  );
}

async function branchOff(
  { branching, medium, state }: TreeParts,
  origin: VolumeRecord,
  branch: Branch,
  copy: VolumeRecord,
  fresh?: { readonly name: string; readonly size: number },
): Promise<void> {
  await branching.carryOut(origin, branch);
  if (fresh !== undefined) {
    await medium.createNode(fresh.name, { format: 'qcow2', virtualSize: fresh.size }, branch.base);
    await state.refresh(fresh.name);
  }
  await medium.shareMemory(origin.uuid, copy.uuid);
  await state.put(copy);
}

/** Gives a volume the content of another one. To be called while nothing else happens in the SR. */
export async function revert(parts: TreeParts, { record, node }: FoundVolume, origin: FoundVolume): Promise<void> {
  const { branching, intents, medium, state } = parts;
  needWritable(record);
  needIdle(parts, record, 'revert');
  needOurs(parts, origin.node);
  needUnwritten(parts, origin.record, origin.node, 'revert');
  const branch = await branching.plan(origin.record, origin.node);
  await state.claim(record);
  const fresh = medium.newName();
  const { nodes, forward } = branching.intent(origin.record, branch);
  await intents.run({ nodes: [...nodes, fresh, node.name], volumes: [], ...(forward && { forward }) }, async () => {
    await branching.carryOut(origin.record, branch);
    await medium.createNode(fresh, { format: 'qcow2', virtualSize: origin.node.virtualSize }, branch.base);
    await state.refresh(fresh);
    await state.put({ ...record, node: fresh });
  });
}
