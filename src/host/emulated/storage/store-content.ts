import { ApiError } from '../../../model/error.js';
import { ExtentList, pieces, unionOf, within } from '../../extents.js';
import type { Extent, VolumeAccess, VolumeContent, VolumeRewrite } from '../../volume-content.js';
import { BLOCK, PAGE_BLOCKS } from './block-map.js';
import type { Chain } from './chain.js';
import type { SrStore } from './sr-store.js';

/** Bytes that are read or written while nothing else happens in the SR: others get in between. */
const STEP = 2 ** 20;
/** Bytes of which one page of a map tells. */
const PAGE_BYTES = BLOCK * PAGE_BLOCKS;
const ZEROS = Buffer.alloc(STEP);

/** How the bytes of a disk are reached. */
interface Bytes {
  readonly size: number;
  withChain<T>(work: (chain: Chain) => Promise<T>): Promise<T>;
  write(offset: number, bytes: Buffer): Promise<void>;
  /** Called once, at the end. */
  release(): Promise<void>;
}

/** Opens the content of a disk of a store. Throws VDI_MISSING, VDI_READONLY, VDI_IN_USE. */
export function openContent(store: SrStore, location: string, access: VolumeAccess): VolumeContent {
  const { size } = access === 'write' ? store.lockForWriting(location) : store.volume(location);
  return new StoreContent(
    {
      size,
      withChain: (work) => store.withChain(location, work),
      write: (offset, bytes) => store.write(location, offset, bytes),
      release: async () => (access === 'write' ? store.unlock(location) : undefined),
    },
    access,
  );
}

/** Begins to replace the content of a disk of a store. Rejects as `openContent` throws. */
export async function rewriteContent(store: SrStore, location: string): Promise<VolumeRewrite> {
  store.lockForWriting(location);
  try {
    const record = await store.beginRewrite(location);
    let isComplete = true;
    const content = new StoreContent(
      {
        size: record.size,
        withChain: (work) => store.withNode(record, work),
        write: (offset, bytes) => store.writeNode(record, offset, bytes),
        release: () => store.endRewrite(record, isComplete).finally(() => store.unlock(location)),
      },
      'write',
    );
    return Object.assign(content, {
      abandon: () => {
        isComplete = false;
        return content.close();
      },
    });
  } catch (thrown) {
    store.unlock(location);
    throw thrown;
  }
}

class StoreContent implements VolumeContent {
  readonly #bytes: Bytes;
  readonly #access: VolumeAccess;
  #closing: Promise<void> | undefined;

  constructor(bytes: Bytes, access: VolumeAccess) {
    this.#bytes = bytes;
    this.#access = access;
  }

  get size(): number {
    return this.#bytes.size;
  }

  async read(offset: number, length: number, into?: Buffer): Promise<Buffer> {
    this.#check(offset, length);
    const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
    for (const piece of pieces({ offset, length }, STEP)) {
      const part = await this.#bytes.withChain((chain) => chain.read(piece.offset, piece.length));
      part.copy(bytes, piece.offset - offset);
    }
    return bytes;
  }

  async write(offset: number, data: Buffer): Promise<void> {
    this.#checkWrite(offset, data.length);
    for (const piece of pieces({ offset, length: data.length }, STEP)) {
      const start = piece.offset - offset;
      await this.#bytes.write(piece.offset, data.subarray(start, start + piece.length));
    }
  }

  async zero(offset: number, length: number): Promise<void> {
    this.#checkWrite(offset, length);
    // What nobody holds is zeros already.
    for (const held of within(await this.#held(offset, length), offset, offset + length)) {
      for (const piece of pieces(held, STEP)) {
        await this.#bytes.write(piece.offset, ZEROS.subarray(0, piece.length));
      }
    }
  }

  extents(): Promise<readonly Extent[]> {
    return this.#held(0, this.size);
  }

  close(): Promise<void> {
    this.#closing ??= this.#bytes.release();
    return this.#closing;
  }

  async #held(offset: number, length: number): Promise<readonly Extent[]> {
    return heldBy((work) => this.#bytes.withChain(work), offset, offset + length);
  }

  #checkWrite(offset: number, length: number): void {
    this.#check(offset, length);
    if (this.#access !== 'write') throw new ApiError('VDI_IO_ERROR', 'The disk is open for reading only');
  }

  #check(offset: number, length: number): void {
    if (this.#closing !== undefined) throw new ApiError('VDI_IO_ERROR', 'The disk is not open any more');
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size))
      throw new ApiError('VDI_IO_ERROR', `${length} bytes at ${offset} do not lie within the disk of ${this.size} bytes`);
  }
}

/** Where a disk of a store may differ from another one, perhaps of another store. */
export async function changesOf(
  disk: { readonly store: SrStore; readonly location: string },
  base: { readonly store: SrStore; readonly location: string },
): Promise<readonly Extent[]> {
  const shared: ReadonlySet<string> =
    disk.store === base.store ? disk.store.sharedNodes(disk.location, base.location) : new Set();
  const { size } = disk.store.volume(disk.location);
  const end = base.store.volume(base.location).size;
  const own = await heldBy((work) => disk.store.withChain(disk.location, (chain) => work(chain.without(shared))), 0, size);
  const others = await heldBy((work) => base.store.withChain(base.location, (chain) => work(chain.without(shared))), 0, end);
  // Behind the end of the base there are zeros, whatever a layer that both stand on holds there.
  const behind = await heldBy((work) => disk.store.withChain(disk.location, work), end, size);
  return unionOf(unionOf(own, within(others, 0, size)), behind);
}

type WithChain = <T>(work: (chain: Chain) => Promise<T>) => Promise<T>;

/** Parts between two offsets that nodes of a chain hold. Page by page, so that others get in between. */
async function heldBy(withChain: WithChain, start: number, end: number): Promise<readonly Extent[]> {
  const list = new ExtentList();
  for (let page = Math.floor(start / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
    const found = await withChain((chain) => chain.extents(page));
    for (const { offset, length } of within(found, start, end)) list.add(offset, length);
  }
  return list.all();
}
