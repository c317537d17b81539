import type { Node } from '../tree/medium.js';
import type { GroupFacts, LogicalVolume } from './group-report.js';
import { diskUuid, isOurName, isXcpNotes, isXcpVhd, xcpSrOf } from './names.js';
import { nodeOf } from './node-tag.js';

/** Every layer of a disk in a group, and every volume of somebody else, which is a disk by itself. */
export function nodesIn(group: GroupFacts): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  for (const [name, volume] of group.volumes) {
    const node = nodeFrom(group, volume);
    if (node !== undefined) nodes.set(name, node);
  }
  return nodes;
}

/**
 * The node that a volume is; undefined for one that is no disk. What a volume of ours is its tag says, never its content; one of
 * somebody else is plain bytes, unless its name says otherwise.
 */
export function nodeFrom(group: GroupFacts, { name, size, tags, isDisk }: LogicalVolume): Node | undefined {
  if (!isDisk) return undefined;
  const allocated = size;
  if (isOurName(name)) {
    const found = diskUuid(name) === undefined ? undefined : nodeOf(tags);
    return found && { name, ...found, allocated, outside: false };
  }
  const plain = { name, virtualSize: size, allocated, parent: undefined, outside: false, foreign: true };
  if (xcpSrOf(group.name) === undefined) return { ...plain, format: 'raw' };
  if (isXcpNotes(name)) return undefined;
  // Those of XCP may stand on each other, in a way of its own.
  return isXcpVhd(name) ? { ...plain, format: 'vpc', outside: true } : { ...plain, format: 'raw' };
}

/** Names of a volume of ours and of those on which it stands. */
export function chainOf(group: GroupFacts, newest: string): readonly string[] {
  const names: string[] = [];
  for (let at: string | undefined = newest; at !== undefined && !names.includes(at); at = parentOf(group, at)) names.push(at);
  return names;
}

function parentOf(group: GroupFacts, name: string): string | undefined {
  return isOurName(name) ? nodeOf(group.volumes.get(name)?.tags ?? [])?.parent : undefined;
}
