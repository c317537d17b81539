import { RepositoryError } from '../repository.js';

/** An inode, as it stands on disk. */
export type ExtInode = Buffer;

/** Blocks of a file that lie together, in blocks from the start of the file and of the file system. */
export interface FileExtent {
  readonly first: number;
  readonly count: number;
  readonly block: number;
}

const HAS_EXTENTS = 0x80000;
const EXTENT_MAGIC = 0xf30a;
/** Where an inode says where its blocks are. */
const BLOCKS = { at: 40, length: 60 } as const;
/** Blocks that are named in the inode itself. */
const DIRECT = 12;
/** Counts of extents above are those of blocks that were never written. */
const WRITTEN = 32768;
const DEEPEST = 5;
/** Most blocks of a tree that are read for one file: those of a ramdisk that lies in a thousand pieces are a handful. */
const MOST_READ = 4096;

/** Reads a block of the file system. */
export type ReadBlock = (block: number) => Promise<Buffer>;

/** Where the first so many blocks of a file are, ascending. Rejects with RepositoryError for what makes no sense. */
export async function extentsOf(inode: ExtInode, blocks: number, readBlock: ReadBlock): Promise<readonly FileExtent[]> {
  const root = inode.subarray(BLOCKS.at, BLOCKS.at + BLOCKS.length);
  let count = 0;
  const read: ReadBlock = (block) => {
    if (++count > MOST_READ) throw new RepositoryError('a file of the disk lies in too many pieces');
    return readBlock(block);
  };
  const found = (inode.readUInt32LE(32) & HAS_EXTENTS) !== 0 ? tree(root, read, DEEPEST) : list(root, blocks, read);
  const extents: FileExtent[] = [];
  for await (const extent of found) {
    const last = extents.at(-1);
    const end = last === undefined ? 0 : last.first + last.count;
    if (extent.first < end) throw new RepositoryError('the file system of the disk is damaged');
    if (last !== undefined && extent.first === end && extent.block === last.block + last.count)
      extents[extents.length - 1] = { ...last, count: last.count + extent.count };
    else extents.push(extent);
  }
  return extents;
}

async function* tree(node: Buffer, read: ReadBlock, levels: number): AsyncGenerator<FileExtent, void, void> {
  const [magic, entries, depth] = [node.readUInt16LE(0), node.readUInt16LE(2), node.readUInt16LE(6)];
  if (magic !== EXTENT_MAGIC || 12 + entries * 12 > node.length || depth > levels)
    throw new RepositoryError('the file system of the disk is damaged');
  for (let entry = 0; entry < entries; entry++) {
    const at = 12 + entry * 12;
    if (depth > 0) {
      const below = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32;
      yield* tree(await read(below), read, depth - 1);
      continue;
    }
    const count = node.readUInt16LE(at + 4);
    const block = node.readUInt16LE(at + 6) * 2 ** 32 + node.readUInt32LE(at + 8);
    if (count > 0 && count <= WRITTEN) yield { first: node.readUInt32LE(at), count, block };
  }
}

/** Blocks as ext2 and ext3 have them: some by themselves, then blocks of numbers of blocks, up to three of them above one another. */
async function* list(root: Buffer, blocks: number, read: ReadBlock): AsyncGenerator<FileExtent, void, void> {
  for (let first = 0; first < Math.min(DIRECT, blocks); first++) {
    const block = root.readUInt32LE(first * 4);
    if (block !== 0) yield { first, count: 1, block };
  }
  let first = DIRECT;
  for (const levels of [1, 2, 3]) {
    if (first >= blocks) return;
    first = yield* below(root.readUInt32LE((DIRECT + levels - 1) * 4), levels, first, blocks, read);
  }
}

/** Returns the number of the block of the file that comes next. */
async function* below(
  block: number,
  levels: number,
  start: number,
  blocks: number,
  read: ReadBlock,
): AsyncGenerator<FileExtent, number, void> {
  if (block === 0) throw new RepositoryError('a file of the disk has holes');
  const numbers = await read(block);
  let first = start;
  for (let at = 0; at < numbers.length && first < blocks; at += 4) {
    const next = numbers.readUInt32LE(at);
    if (levels > 1) first = yield* below(next, levels - 1, first, blocks, read);
    else {
      if (next !== 0) yield { first, count: 1, block: next };
      first++;
    }
  }
  return first;
}
