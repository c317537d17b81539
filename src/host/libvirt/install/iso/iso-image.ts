import { RepositoryError } from '../repository.js';
import { type DirectoryRecord, type Extent, readDirectory, readRecord, SECTOR } from './directory-records.js';
import { rockRidgeName, systemUseSkip } from './rock-ridge.js';

/** Reads bytes of an image; fewer than asked for at its end. */
export type ReadBytes = (offset: number, length: number) => Promise<Buffer>;

/** Sector of the first volume descriptor, and how many are looked at: images have three or four. */
const DESCRIPTORS = 16;
const MOST_DESCRIPTORS = 16;

/** Bytes of a directory: the pool of a full distribution has less than a tenth of it in any. */
const LONGEST_DIRECTORY = 8 * 2 ** 20;

/** A tree of an image: the same files under names of their own. */
interface Tree {
  readonly root: Extent;
  /** Whether the entry has the name that is asked for. */
  readonly matches: (record: DirectoryRecord, name: string) => Promise<boolean>;
}

/** Finds files in the image of a CD, by the names that Rock Ridge or Joliet gives them, or else by their plain ones. */
export class IsoImage {
  private readonly read: ReadBytes;
  private readonly trees: readonly Tree[];

  private constructor(read: ReadBytes, trees: readonly Tree[]) {
    this.read = read;
    this.trees = trees;
  }

  /** Rejects with RepositoryError for what is no image of a CD. */
  static async open(read: ReadBytes): Promise<IsoImage> {
    const bytes = await read(DESCRIPTORS * SECTOR, MOST_DESCRIPTORS * SECTOR);
    const trees: Tree[] = [];
    for (let at = 0; at + SECTOR <= bytes.length; at += SECTOR) {
      const descriptor = bytes.subarray(at, at + SECTOR);
      if (descriptor.toString('latin1', 1, 6) !== 'CD001' || descriptor[0] === 255) break;
      const tree = await readTree(descriptor, read);
      if (tree) trees.push(tree);
    }
    if (trees.length === 0) throw new RepositoryError('what is in the CD drive is no image of a CD');
    return new IsoImage(read, trees);
  }

  /** Where a file is; undefined when there is none of that path. Names count whether letters are large or small. */
  async find(path: string): Promise<Extent | undefined> {
    for (const tree of this.trees) {
      const found = await this.findIn(tree, path.split('/'));
      if (found) return found;
    }
    return undefined;
  }

  private async findIn({ root, matches }: Tree, names: readonly string[]): Promise<Extent | undefined> {
    let at: Extent & { readonly isDirectory: boolean; readonly goesOn?: boolean } = { ...root, isDirectory: true };
    for (const name of names) {
      if (!at.isDirectory) return undefined;
      const found = await firstThat(await readRecords(at, this.read), (record) => matches(record, name));
      if (found === undefined) return undefined;
      at = found;
    }
    return at.isDirectory || at.goesOn ? undefined : { offset: at.offset, size: at.size };
  }
}

async function readTree(descriptor: Buffer, read: ReadBytes): Promise<Tree | undefined> {
  const [type] = descriptor;
  if ((type !== 1 && type !== 2) || descriptor.readUInt16LE(128) !== SECTOR) return undefined;
  const root = readRecord(descriptor.subarray(156, 190));
  if (!root) return undefined;
  if (type === 2) {
    // Escape sequences of the three levels of Joliet.
    if (!/^%\/[@CE]/.test(descriptor.toString('latin1', 88, 91))) return undefined;
    return { root, matches: async ({ name }, wanted) => sameName(plainName(utf16(name)), wanted) };
  }
  const [self] = await readRecords({ ...root, size: Math.min(root.size, SECTOR) }, read);
  const skip = self && systemUseSkip(self.systemUse);
  return {
    root,
    matches: async ({ name, systemUse }, wanted) => {
      const long = skip === undefined ? undefined : await rockRidgeName(systemUse, skip, read);
      return sameName(long ?? plainName(name.toString('latin1')), wanted);
    },
  };
}

async function readRecords({ offset, size }: Extent, read: ReadBytes): Promise<readonly DirectoryRecord[]> {
  if (size > LONGEST_DIRECTORY) throw new RepositoryError('the image in the CD drive has a directory that is too large');
  return readDirectory(await read(offset, size));
}

async function firstThat<T>(all: readonly T[], fits: (one: T) => Promise<boolean>): Promise<T | undefined> {
  for (const one of all) if (await fits(one)) return one;
  return undefined;
}

/** Without the version, and without the dot of names that have no ending. */
function plainName(name: string): string {
  return name.replace(/;\d+$/, '').replace(/\.$/, '');
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Text in UTF-16 with the larger byte first. */
function utf16(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)))
    .swap16()
    .toString('utf16le');
}
