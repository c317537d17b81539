import type { VolumeSource } from '../../volume-source.js';
import type { ReadableVolume, WritableVolume } from '../attached-sr.js';
import { wholeSectors } from '../image/image-facts.js';
import type { FoundVolume } from './in-step.js';
import type { TreeParts } from './tree-parts.js';
import { needIdle, needUnwritten, needWritable } from './volume-checks.js';

/** A volume's content for who reads it; a domain that writes to it goes on above. To be called while nothing else happens in the SR. */
export async function toRead(parts: TreeParts, { record, node }: FoundVolume): Promise<ReadableVolume> {
  const { branching, intents, medium, state } = parts;
  const { uuid } = record;
  const memory = await medium.memorySize(uuid);
  if (memory !== undefined) {
    const path = medium.memoryPath(uuid);
    await medium.prepareMemory(uuid, memory.size);
    const source: VolumeSource = { path, kind: medium.kind, format: 'raw', readOnly: true };
    return { uuid, source, size: Math.max(node.virtualSize, wholeSectors(memory.size)), isMemory: true, layers: [path] };
  }
  needUnwritten(parts, record, node, 'copy');
  const source = branching.source(node, true);
  await medium.provide(node.name, 'read');
  if (!record.readOnly && branching.user(node.name) !== undefined) {
    const branch = await branching.plan(record, node);
    await intents.run({ ...branching.intent(record, branch), volumes: [] }, () => branching.carryOut(record, branch));
  }
  return { uuid, source, size: node.virtualSize, isMemory: false, layers: state.tree.chain(node.name) };
}

/** A volume for who writes to it: nobody else does until it is released. To be called while nothing else happens in the SR. */
export async function toWrite(parts: TreeParts, { record, node }: FoundVolume): Promise<WritableVolume> {
  const { branching, medium, written } = parts;
  needWritable(record);
  needIdle(parts, record, 'write');
  await medium.provide(node.name, 'write');
  written.add(node.name);
  return {
    uuid: record.uuid,
    source: branching.source(node, false),
    size: node.virtualSize,
    makeRoom: (bytes) => medium.makeRoom(node.name, bytes),
    release: () => release(parts, node.name),
  };
}

/** A writer is done with a node. */
function release({ medium, mutex, warn, written }: TreeParts, node: string): void {
  if (!written.delete(node)) return;
  mutex
    .run(() => medium.giveBackRoom(node))
    .catch((thrown: unknown) => warn(thrown, `room that ${node} does not need could not be given back`));
}

/** Path for the memory of a domain, with what there is of it. To be called while nothing else happens in the SR. */
export async function memoryImage({ branching, medium }: TreeParts, { record, node }: FoundVolume): Promise<string> {
  const path = medium.memoryPath(record.uuid);
  const isThere = (await medium.memorySize(record.uuid)) !== undefined;
  // Memory that came as the data of the volume, from a stream or a copy: libvirt reads plain files only.
  if (!isThere && !(await medium.isUnwritten(node))) {
    await medium.provide(node.name, 'read');
    await medium.importMemory(record.uuid, branching.source(node, true), node.virtualSize);
  } else await medium.prepareMemory(record.uuid, node.virtualSize);
  return path;
}
