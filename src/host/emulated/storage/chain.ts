import type { Extent } from '../../volume-content.js';
import { BLOCK, bit, PAGE_BLOCKS } from './block-map.js';
import type { NodeFiles, OpenNode } from './node-files.js';

const ZEROS = Buffer.alloc(BLOCK);

/** Whether there is nothing but zeros. */
export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const part = bytes.subarray(at, at + BLOCK);
    if (!part.equals(part.length === BLOCK ? ZEROS : ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}

/**
 * A disk as a chain of nodes, the newest first: a block comes from the first node that holds it, and is zeros when none
 * does. Only the newest node is written; the others are shared with other disks.
 */
export class Chain {
  private readonly files: NodeFiles;
  private readonly nodes: readonly string[];
  readonly size: number;

  constructor(files: NodeFiles, nodes: readonly string[], size: number) {
    this.files = files;
    this.nodes = nodes;
    this.size = size;
  }

  /** Bytes from an offset on; `length` must lie within the disk. */
  async read(offset: number, length: number): Promise<Buffer> {
    const result = Buffer.alloc(length);
    for (const part of blocks(offset, length)) {
      const node = await this.holder(part.block, 0);
      if (node !== undefined) await node.data.read(result, part.offset - offset, part.length, part.offset);
    }
    return result;
  }

  /** Puts bytes at an offset. Zeros over zeros take no space. */
  async write(offset: number, bytes: Buffer): Promise<void> {
    const [newest] = this.nodes;
    if (newest === undefined) throw new TypeError('a chain has a node');
    let own = await this.files.get(newest);
    let changed = false;
    for (const part of blocks(offset, bytes.length)) {
      const content = bytes.subarray(part.offset - offset, part.offset - offset + part.length);
      if (own !== undefined && (await own.map.has(part.block))) {
        await own.data.write(content, 0, content.length, part.offset);
        changed = true;
        continue;
      }
      const base = await this.holder(part.block, 1);
      if (base === undefined && isZero(content)) continue;
      own ??= await this.files.make(newest, this.size);
      await writeWhole(own, base, part, content, this.size);
      changed = true;
    }
    if (!changed) return;
    await own?.map.flush();
    this.files.written(newest);
  }

  /** The disk without some of its nodes. */
  without(names: ReadonlySet<string>): Chain {
    const nodes = this.nodes.filter((name) => !names.has(name));
    return new Chain(this.files, nodes, this.size);
  }

  /** Number of nodes. */
  get depth(): number {
    return this.nodes.length;
  }

  /** Number of pages that `extents` can be asked for. */
  get pageCount(): number {
    return Math.ceil(this.size / (BLOCK * PAGE_BLOCKS));
  }

  /** Parts within a page of the map that some node holds, in order; the rest is zeros. */
  async extents(page: number): Promise<readonly Extent[]> {
    const maps = await this.maps(page);
    if (maps.length === 0) return [];
    const first = page * PAGE_BLOCKS;
    const count = Math.min(PAGE_BLOCKS, Math.ceil(this.size / BLOCK) - first);
    const found: Extent[] = [];
    let start: number | undefined;
    for (let at = 0; at <= count; at++) {
      const held = at < count && maps.some((map) => bit(map, at));
      if (held) start ??= at;
      else if (start !== undefined) {
        const offset = (first + start) * BLOCK;
        found.push({ offset, length: Math.min((first + at) * BLOCK, this.size) - offset });
        start = undefined;
      }
    }
    return found;
  }

  /** Takes over from the nodes below those blocks in the extent that the newest node does not hold. */
  async pull(extent: Extent): Promise<void> {
    const [newest] = this.nodes;
    if (newest === undefined) throw new TypeError('a chain has a node');
    const own = await this.files.make(newest, this.size);
    for (const part of blocks(extent.offset, extent.length)) {
      if (await own.map.has(part.block)) continue;
      const base = await this.holder(part.block, 1);
      if (base !== undefined) await writeWhole(own, base, part, Buffer.alloc(0), this.size);
    }
    await own.map.flush();
    this.files.written(newest);
  }

  /** Maps of the nodes for one page, without those that hold nothing there. */
  private async maps(index: number): Promise<readonly Uint8Array[]> {
    const found: Uint8Array[] = [];
    for (const name of this.nodes) {
      const page = await (await this.files.get(name))?.map.page(index);
      if (page?.some((byte) => byte !== 0)) found.push(page);
    }
    return found;
  }

  /** The first node from a depth on that holds the block. */
  private async holder(block: number, depth: number): Promise<OpenNode | undefined> {
    for (let at = depth; at < this.nodes.length; at++) {
      const node = await this.files.get(this.nodes[at] ?? '');
      if (node !== undefined && (await node.map.has(block))) return node;
    }
    return undefined;
  }
}

interface Part extends Extent {
  readonly block: number;
}

/** A range cut at the borders of blocks. */
function* blocks(offset: number, length: number): Generator<Part> {
  const end = offset + length;
  for (let at = offset; at < end; ) {
    const block = Math.floor(at / BLOCK);
    const next = Math.min((block + 1) * BLOCK, end);
    yield { block, offset: at, length: next - at };
    at = next;
  }
}

/**
 * Writes a block that the node does not hold yet, all of it: what a killed process left in the file at that place must
 * not come to light.
 */
async function writeWhole(own: OpenNode, base: OpenNode | undefined, part: Part, content: Buffer, size: number): Promise<void> {
  const start = part.block * BLOCK;
  const whole = Buffer.alloc(Math.min(BLOCK, size - start));
  if (base !== undefined && content.length < whole.length) await base.data.read(whole, 0, whole.length, start);
  content.copy(whole, part.offset - start);
  await own.data.write(whole, 0, whole.length, start);
  await own.map.set(part.block);
}
