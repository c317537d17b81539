import { diskUuid } from './names.js';

/**
 * What a tag on a volume says of the layer of a disk that it is. It stands there from the moment when the volume is, and what a
 * guest writes into the volume cannot change it. Size in bytes.
 */
export interface NodeTag {
  readonly format: 'raw' | 'qcow2';
  readonly virtualSize: number;
  /** Name of the volume of the layer below; undefined for none. */
  readonly parent: string | undefined;
}

const TAG = /^xenapi\.node\.(raw|qcow2)\.(\d{1,16})\.([a-z0-9-]+)$/;
const NOTHING = 'none';

/** The tag of a layer. */
export function nodeTag({ format, virtualSize, parent }: NodeTag): string {
  return `xenapi.node.${format}.${virtualSize}.${parent ?? NOTHING}`;
}

/** What the tags of a volume say of the layer that it is; undefined for what is none. Of several the one of the largest size. */
export function nodeOf(tags: Iterable<string>): NodeTag | undefined {
  let found: NodeTag | undefined;
  for (const tag of tags) {
    const [, format, size, parent = ''] = TAG.exec(tag) ?? [];
    if (format !== 'raw' && format !== 'qcow2') continue;
    if (parent !== NOTHING && diskUuid(parent) === undefined) continue;
    const virtualSize = Number(size);
    if (!Number.isSafeInteger(virtualSize) || (found && found.virtualSize > virtualSize)) continue;
    found = { format, virtualSize, parent: parent === NOTHING ? undefined : parent };
  }
  return found;
}

const MEMORY = /^xenapi\.memory\.(\d{1,16})$/;

/** The tag of a volume with the memory of a domain; size in bytes. */
export function memoryTag(size: number): string {
  return `xenapi.memory.${size}`;
}

/** Bytes of memory of a domain that a volume was made for; undefined for other volumes. */
export function memorySizeOf(tags: Iterable<string>): number | undefined {
  for (const tag of tags) {
    const size = Number(MEMORY.exec(tag)?.[1]);
    if (Number.isSafeInteger(size)) return size;
  }
  return undefined;
}

const SR = /^xenapi\.sr\.([0-9a-f-]{36})$/;

/** The tag of a group that is an SR. */
export function srTag(uuid: string): string {
  return `xenapi.sr.${uuid}`;
}

/** Uuid of the SR that a group is by its tags; undefined for none. */
export function srOf(tags: Iterable<string>): string | undefined {
  for (const tag of tags) {
    const [, uuid] = SR.exec(tag) ?? [];
    if (uuid !== undefined) return uuid;
  }
  return undefined;
}
