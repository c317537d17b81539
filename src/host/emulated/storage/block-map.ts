import type { FileHandle } from 'node:fs/promises';

/** Bytes of a block: what is copied when a part of it is written over a base. */
export const BLOCK = 64 * 1024;
/** Bytes of the map that are read at a time; one page tells of 2 GiB. */
const PAGE = 4096;
/** Blocks that one page tells of. */
export const PAGE_BLOCKS = PAGE * 8;
const EMPTY = new Uint8Array(PAGE);

/**
 * Which blocks a node of a chain holds itself: one bit each, in a sparse file. Pages are read when they are needed, so
 * that a large empty disk costs nothing.
 */
export class BlockMap {
  private readonly file: FileHandle;
  private readonly pages = new Map<number, Uint8Array>();
  private readonly dirty = new Set<number>();
  private bytes: number;

  constructor(file: FileHandle, bytes: number) {
    this.file = file;
    this.bytes = bytes;
  }

  /** The bits of a page. Not to be changed by the caller. */
  async page(index: number): Promise<Uint8Array> {
    const known = this.pages.get(index);
    if (known !== undefined) return known;
    if (index * PAGE >= this.bytes) return EMPTY;
    const page = new Uint8Array(PAGE);
    await this.file.read(page, 0, PAGE, index * PAGE);
    this.pages.set(index, page);
    return page;
  }

  async has(block: number): Promise<boolean> {
    return bit(await this.page(Math.floor(block / PAGE_BLOCKS)), block % PAGE_BLOCKS);
  }

  /** Marks a block as held, in memory until `flush`. */
  async set(block: number): Promise<void> {
    const index = Math.floor(block / PAGE_BLOCKS);
    let page = await this.page(index);
    if (page === EMPTY) {
      page = new Uint8Array(PAGE);
      this.pages.set(index, page);
    }
    const at = block % PAGE_BLOCKS;
    page[at >> 3] = (page[at >> 3] ?? 0) | (1 << (at & 7));
    this.dirty.add(index);
  }

  /** Writes marked pages. The data must be written before, so that no mark tells of data that is not there. */
  async flush(): Promise<void> {
    for (const index of this.dirty) {
      await this.file.write(await this.page(index), 0, PAGE, index * PAGE);
      this.bytes = Math.max(this.bytes, (index + 1) * PAGE);
    }
    this.dirty.clear();
  }
}

/** Whether a bit of a page is set. */
export function bit(page: Uint8Array, at: number): boolean {
  return ((page[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
}
