import { chmod, copyFile, type FileHandle, link, lstat, open, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { v4 as newUuid } from 'uuid';
import type { SrSpace } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import type { VolumeSource } from '../../volume-source.js';
import { identifyQcow2 } from '../image/identify.js';
import { type ImageFacts, wholeSectors } from '../image/image-facts.js';
import { commitImage, needFreeImage, relinkImage } from '../image/merge-images.js';
import { isUnwrittenQcow2 } from '../image/qcow2-unwritten.js';
import { convertToRaw, createImage, growImage } from '../image/qemu-img.js';
import type { Warn } from '../tree/intents.js';
import type { Medium, Node, NodeShape, RecordStore } from '../tree/medium.js';
import type { NodePair } from '../tree/volume-tree.js';
import { backingPath, FoundImages, isFileName, LONGEST_NAME } from './found-images.js';
import { ImageIndex, type IndexedImage } from './image-index.js';
import { unlessOutage } from './outage.js';
import { RecordFiles, syncDirectory } from './record-files.js';

const ENDING = '.qcow2';
/** Plain bytes are told by their name: what is in them a guest says. No snapshot of libvirt is called so by chance. */
const BYTES = '.plain-bytes';
/** Images of ours, and those that libvirt's own snapshots put beside them under the same name with another ending. */
const OWN = /^([0-9a-f-]{36})\.(?!volume$|memory$|claim$|intent$)[^./]+$/;
/** From the directory of an SR to where the files of others lie. */
const UP = '../';

/** The directory of a location in which everything of ours lies: images, memory, records. */
export function ownDirectory(location: string, sr: string): string {
  return join(location, sr);
}

/**
 * A directory with images. Ours lie in one of its own for each SR; what lies beside that was found. Nodes are called by
 * their paths from there, which is what headers of images above them say: the whole may be moved elsewhere.
 */
export class DirectoryMedium implements Medium {
  readonly kind = 'file';
  readonly records: RecordStore;
  readonly #location: string;
  readonly #own: string;
  /** Both spellings of the location: as configured and with links followed. */
  readonly #locations: readonly [string, ...string[]];
  readonly #sr: string;
  readonly #ownImages: ImageIndex;
  readonly #found: FoundImages;
  readonly #foundImages: ImageIndex;

  /** `real`: the location with links followed. */
  constructor(sr: string, location: string, real: string, warn: Warn) {
    this.#sr = sr;
    this.#location = location;
    this.#locations = location === real ? [location] : [location, real];
    this.#own = ownDirectory(location, sr);
    this.records = new RecordFiles(this.#own, warn);
    const wants = (name: string): boolean => this.isOwn(name);
    this.#ownImages = new ImageIndex(this.#own, { wants, identify: identifyOwn });
    this.#found = new FoundImages(location);
    this.#foundImages = new ImageIndex(location, this.#found);
  }

  async space(): Promise<SrSpace> {
    const { blocks, bavail, bsize } = await statfs(this.#own);
    return { physicalSize: blocks * bsize, physicalUtilisation: (blocks - bavail) * bsize };
  }

  async nodes(): Promise<ReadonlyMap<string, Node>> {
    const nodes = new Map<string, Node>();
    for (const [name, image] of await this.#ownImages.all()) nodes.set(name, this.#node(name, image, this.#own));
    for (const [name, image] of await this.#foundImages.all()) nodes.set(UP + name, this.#node(UP + name, image, this.#location));
    return nodes;
  }

  async node(name: string): Promise<Node | undefined> {
    const own = this.isOwn(name);
    const image = own ? await this.#ownImages.one(name) : await this.#foundImages.one(basename(name));
    return image && this.#node(name, image, own ? this.#own : this.#location);
  }

  newName(format: NodeShape['format'] = 'qcow2'): string {
    return newUuid() + (format === 'raw' ? BYTES : ENDING);
  }

  isOwn(name: string): boolean {
    return isUuid(OWN.exec(name)?.[1] ?? '') && Buffer.byteLength(name) <= LONGEST_NAME;
  }

  originOf(name: string): string {
    const [, uuid] = OWN.exec(name) ?? [];
    return uuid === undefined ? name : uuid + ENDING;
  }

  locationOf(name: string): string {
    return OWN.exec(name)?.[1] ?? name.slice(UP.length);
  }

  foundName(location: string): string | undefined {
    return isFileName(location) ? UP + location : undefined;
  }

  shapeOf(virtualSize: number, smConfig: ReadonlyMap<string, string>): NodeShape {
    return { format: smConfig.get('type') === 'raw' ? 'raw' : 'qcow2', virtualSize: wholeSectors(virtualSize) };
  }

  async createNode(name: string, { format, virtualSize }: NodeShape, parent: Node | undefined): Promise<void> {
    if (format === 'raw') await createBytes(this.#path(name), virtualSize);
    else await createImage(this.#path(name), virtualSize, parent);
    await syncDirectory(this.#own);
  }

  async removeNode(name: string): Promise<void> {
    const path = this.#path(name);
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
  }

  growNode({ name, format }: Node, virtualSize: number): Promise<void> {
    return growImage({ path: this.#path(name), format }, virtualSize);
  }

  growUsed(_node: Node, _virtualSize: number, grow: () => Promise<void>): Promise<void> {
    return grow();
  }

  async provide(): Promise<void> {
    // Files are there at all times.
  }

  async makeRoom(): Promise<void> {
    // Files grow by themselves.
  }

  async giveBackRoom(): Promise<void> {
    // None was made.
  }

  async sealNode(name: string): Promise<void> {
    // A domain that is started behind our back by an old description would write into what others stand on. Where the file
    // system has no such modes, QEMU's locks are left.
    await chmod(this.#path(name), 0o400).catch(() => undefined);
  }

  async prepareMerge({ lower }: NodePair): Promise<void> {
    // The domain that goes on in it must be able to write there.
    await chmod(this.#path(lower.name), 0o600);
  }

  mergeNodes({ lower, upper }: NodePair, signal: AbortSignal): Promise<void> {
    return commitImage(this.#path(upper.name), { path: this.#path(lower.name), format: lower.format }, signal);
  }

  async endMerge(): Promise<void> {
    // Files have the room that they need.
  }

  needFree(name: string): Promise<void> {
    return needFreeImage({ path: this.#path(name), format: 'qcow2' });
  }

  async parentOf(name: string): Promise<string | undefined> {
    return (await this.node(name))?.parent;
  }

  async relinkNode({ name }: Node, parent: Node): Promise<void> {
    if ((await this.parentOf(name)) === parent.name) return;
    const path = this.#path(name);
    await relinkImage(path, { name: relative(dirname(path), this.#path(parent.name)), format: parent.format });
  }

  async isUnwritten({ name, format }: Node): Promise<boolean> {
    if (format !== 'qcow2') return false;
    return isUnwrittenQcow2(this.#path(name));
  }

  paths(name: string): readonly [string, ...string[]] {
    const [first, ...others] = this.#locations.map((location) =>
      this.isOwn(name) ? join(ownDirectory(location, this.#sr), name) : join(location, basename(name)),
    );
    return [first ?? this.#path(name), ...others];
  }

  nodeAt(path: string): string | undefined {
    const name = this.#nameOf(path);
    if (name === undefined || this.isOwn(name)) return name;
    return this.#found.use(basename(name)) ? name : undefined;
  }

  memoryPath(volume: string): string {
    return join(this.#own, `${volume}.memory`);
  }

  async memorySize(volume: string): Promise<{ readonly size: number; readonly allocated: number } | undefined> {
    const stats = await lstat(this.memoryPath(volume)).catch(unlessOutage);
    return stats && { size: stats.size, allocated: stats.blocks * 512 };
  }

  async prepareMemory(): Promise<void> {
    // libvirt makes the file.
  }

  async importMemory(volume: string, from: VolumeSource): Promise<void> {
    // Whatever is in the image of a memory, it stays: holes as holes.
    const path = this.memoryPath(volume);
    if (from.kind === 'file' && from.format === 'raw') await copyFile(from.path, path);
    else await convertToRaw(from, path);
  }

  async shareMemory(from: string, to: string): Promise<void> {
    if ((await this.memorySize(from)) === undefined) return;
    // Memory images are never written to again, so that one file may serve both.
    await link(this.memoryPath(from), this.memoryPath(to)).catch(() => copyFile(this.memoryPath(from), this.memoryPath(to)));
    await syncDirectory(this.#own);
  }

  removeMemory(volume: string): Promise<void> {
    return rm(this.memoryPath(volume), { force: true });
  }

  /**
   * Names come from records, which may be damaged: of a name nothing but the part behind the last slash becomes part of a
   * path.
   */
  #path(name: string): string {
    if (this.isOwn(name)) return join(this.#own, name);
    if (!isFileName(basename(name))) throw new TypeError(`${name} is no node`);
    return join(this.#location, basename(name));
  }

  #node(name: string, { allocated, backing, ...facts }: IndexedImage, directory: string): Node {
    const path = backing === undefined ? undefined : backingPath(backing, directory);
    const parent = path === undefined ? undefined : this.#nameOf(path);
    return { name, ...facts, allocated, parent, outside: backing !== undefined && parent === undefined };
  }

  /** Name of the node that a path would be; undefined outside of the SR. */
  #nameOf(path: string): string | undefined {
    const name = basename(path);
    const directory = dirname(path);
    for (const location of this.#locations) {
      if (directory === ownDirectory(location, this.#sr)) return this.isOwn(name) ? name : undefined;
      if (directory === location) return isFileName(name) ? UP + name : undefined;
    }
    return undefined;
  }
}

/** Makes a file of zeros that takes no space; only the owner may read it. */
async function createBytes(path: string, size: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function identifyOwn(name: string, file: FileHandle, size: number): Promise<ImageFacts | undefined> {
  return name.endsWith(BYTES) ? { format: 'raw', virtualSize: wholeSectors(size) } : identifyQcow2(file);
}
