import { RepositoryError } from '../repository.js';
import { type ExtInode, extentsOf, type FileExtent } from './ext-extents.js';

/** Reads bytes of a file system; fewer, or zeros, behind its end. */
export type ReadBytes = (offset: number, length: number) => Promise<Buffer>;

const SUPERBLOCK = { at: 1024, length: 1024, magic: 0xef53 } as const;
/** Features without which a reader understands nothing: types in directories, a journal that was not played back, extents, 64 bits and such. */
const KNOWN_FEATURES = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000;
const HAS_64_BITS = 0x80;
const ROOT = 2;
const KINDS = { mask: 0xf000, directory: 0x4000, file: 0x8000, link: 0xa000 } as const;
/** Inodes whose data is not in blocks, or not to be read: within the inode, encrypted. */
const OTHER_DATA = 0x10000000 | 0x800;
/** Most bytes of a directory that are read: /boot has some hundred entries. */
const LARGEST_DIRECTORY = 4 * 2 ** 20;
/** Links that are followed on the way to one file. */
const MOST_LINKS = 16;
/** Names on the way to one file. */
const MOST_NAMES = 64;
/** Bytes that are read at a time. */
const PIECE = 2 ** 20;

/** A file of a file system. */
export interface ExtFile {
  /** In bytes. */
  readonly size: number;
  readonly content: AsyncGenerator<Buffer, void, void>;
}

/**
 * An ext2, ext3 or ext4 file system that nobody has mounted, as far as it takes to read a file. It is a guest's: every number in it may be
 * wrong, and what is read for one file is bounded. A journal is not played back, as with boot loaders.
 */
export class ExtFileSystem {
  readonly #read: ReadBytes;
  readonly #superblock: Buffer;
  readonly #blockSize: number;

  private constructor(read: ReadBytes, superblock: Buffer) {
    this.#read = read;
    this.#superblock = superblock;
    this.#blockSize = 1024 << superblock.readUInt32LE(24);
  }

  /** Undefined where there is no such file system, or one with features that are not known here. */
  static async open(read: ReadBytes): Promise<ExtFileSystem | undefined> {
    const superblock = await read(SUPERBLOCK.at, SUPERBLOCK.length);
    if (superblock.length < SUPERBLOCK.length || superblock.readUInt16LE(56) !== SUPERBLOCK.magic) return undefined;
    const features = superblock.readUInt32LE(76) === 0 ? 0 : superblock.readUInt32LE(96);
    const [perGroup, inodeSize] = [superblock.readUInt32LE(40), inodeSizeOf(superblock)];
    const isKnown = (features & ~KNOWN_FEATURES) === 0 && superblock.readUInt32LE(24) <= 6;
    return isKnown && perGroup > 0 && inodeSize >= 128 && inodeSize <= 4096 ? new ExtFileSystem(read, superblock) : undefined;
  }

  /** A file by its path from the root; undefined where there is none. Rejects with RepositoryError for what is damaged. */
  async open(path: string): Promise<ExtFile | undefined> {
    const inode = await this.#find(path);
    if (inode === undefined || kindOf(inode) !== KINDS.file) return undefined;
    const size = sizeOf(inode);
    return { size, content: this.#content(await this.#extents(inode), size) };
  }

  /** The whole of a small file, as `open`; undefined for one of more than so many bytes, too. */
  async text(path: string, most: number): Promise<string | undefined> {
    const file = await this.open(path);
    if (file === undefined || file.size > most) return undefined;
    return (await whole(file.content)).toString('utf8');
  }

  /** Names in a directory; undefined where there is none. Rejects as `open`. */
  async names(path: string): Promise<readonly string[] | undefined> {
    const inode = await this.#find(path);
    if (inode === undefined || kindOf(inode) !== KINDS.directory) return undefined;
    return Array.from(entriesOf(await this.#small(inode, LARGEST_DIRECTORY)), ([name]) => name.toString('utf8'));
  }

  async #find(path: string): Promise<ExtInode | undefined> {
    const names = path.split('/').filter(Boolean).reverse();
    let directory = ROOT;
    let inode = await this.#inode(ROOT);
    let links = 0;
    for (let steps = 0; names.length > 0; steps++) {
      if (steps > MOST_NAMES || names.length > MOST_NAMES) throw new RepositoryError(`${path} of the disk is too far away`);
      const name = names.pop() ?? '';
      if (name === '.') continue;
      if (kindOf(inode) !== KINDS.directory) return undefined;
      const next = entryOf(await this.#small(inode, LARGEST_DIRECTORY), name);
      if (next === undefined) return undefined;
      const found = await this.#inode(next);
      if (kindOf(found) === KINDS.link) {
        if (++links > MOST_LINKS) throw new RepositoryError(`${path} of the disk leads from one link to the next`);
        const target = await this.#linkTarget(found);
        names.push(...target.split('/').filter(Boolean).reverse());
        if (!target.startsWith('/')) continue;
        directory = ROOT;
        inode = await this.#inode(directory);
        continue;
      }
      directory = next;
      inode = found;
    }
    return inode;
  }

  async #linkTarget(inode: ExtInode): Promise<string> {
    const size = sizeOf(inode);
    const bytes = size < 60 ? inode.subarray(40, 40 + size) : await this.#small(inode, this.#blockSize);
    return bytes.toString('utf8');
  }

  async #small(inode: ExtInode, most: number): Promise<Buffer> {
    const size = sizeOf(inode);
    if (size > most) throw new RepositoryError('a directory of the disk is too large');
    return whole(this.#content(await this.#extents(inode), size));
  }

  async #inode(number: number): Promise<ExtInode> {
    const perGroup = this.#superblock.readUInt32LE(40);
    const wide = (this.#superblock.readUInt32LE(96) & HAS_64_BITS) !== 0;
    const descriptor = wide ? Math.max(32, this.#superblock.readUInt16LE(254)) : 32;
    const group = Math.floor((number - 1) / perGroup);
    const table = (this.#superblock.readUInt32LE(20) + 1) * this.#blockSize + group * descriptor;
    const bytes = await this.#exactly(table, descriptor);
    const block = bytes.readUInt32LE(8) + (descriptor >= 64 ? bytes.readUInt32LE(40) * 2 ** 32 : 0);
    const size = inodeSizeOf(this.#superblock);
    return this.#exactly(block * this.#blockSize + ((number - 1) % perGroup) * size, size);
  }

  async #extents(inode: ExtInode): Promise<readonly FileExtent[]> {
    if ((inode.readUInt32LE(32) & OTHER_DATA) !== 0) throw new RepositoryError('a file of the disk is kept in an unknown way');
    const blocks = Math.ceil(sizeOf(inode) / this.#blockSize);
    return extentsOf(inode, blocks, (block) => this.#exactly(block * this.#blockSize, this.#blockSize));
  }

  /** Bytes of a file; what no extent covers is zeros. */
  async *#content(extents: readonly FileExtent[], size: number): AsyncGenerator<Buffer, void, void> {
    let at = 0;
    for (const { first, count, block } of extents) {
      yield* zeros(Math.min(size, first * this.#blockSize) - at);
      at = Math.max(at, Math.min(size, first * this.#blockSize));
      const end = Math.min(size, (first + count) * this.#blockSize);
      while (at < end) {
        const bytes = await this.#exactly((block - first) * this.#blockSize + at, Math.min(PIECE, end - at));
        yield bytes;
        at += bytes.length;
      }
    }
    yield* zeros(size - at);
  }

  async #exactly(offset: number, length: number): Promise<Buffer> {
    const bytes = Number.isSafeInteger(offset) ? await this.#read(offset, length) : Buffer.alloc(0);
    if (bytes.length < length) throw new RepositoryError('the file system of the disk is damaged');
    return bytes;
  }
}

function inodeSizeOf(superblock: Buffer): number {
  return superblock.readUInt32LE(76) === 0 ? 128 : superblock.readUInt16LE(88);
}

function kindOf(inode: ExtInode): number {
  return inode.readUInt16LE(0) & KINDS.mask;
}

function sizeOf(inode: ExtInode): number {
  const high = kindOf(inode) === KINDS.file ? inode.readUInt32LE(108) : 0;
  return inode.readUInt32LE(4) + high * 2 ** 32;
}

/** The inode that a directory has under a name. */
function entryOf(directory: Buffer, name: string): number | undefined {
  const wanted = Buffer.from(name);
  for (const [found, inode] of entriesOf(directory)) if (found.equals(wanted)) return inode;
  return undefined;
}

/** Names in a directory with their inodes. Directories with an index can be read from start to end all the same. */
function* entriesOf(directory: Buffer): Generator<readonly [name: Buffer, inode: number]> {
  for (let at = 0; at + 8 <= directory.length; ) {
    const [inode, step, length] = [directory.readUInt32LE(at), directory.readUInt16LE(at + 4), directory.readUInt8(at + 6)];
    if (step < 8) return;
    if (inode !== 0) yield [directory.subarray(at + 8, at + 8 + length), inode];
    at += step;
  }
}

function* zeros(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= PIECE) yield Buffer.alloc(Math.min(PIECE, left));
}

async function whole(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
