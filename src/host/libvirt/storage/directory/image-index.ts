import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageFacts } from '../image/image-facts.js';
import { unlessOutage } from './outage.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** An image in a directory, with the bytes that it takes. */
export interface IndexedImage extends ImageFacts {
  readonly allocated: number;
}

/** Which files of a directory may be images, and how they are read. */
export interface ImagePolicy {
  wants(name: string): boolean;
  identify(name: string, file: FileHandle, size: number): Promise<ImageFacts | undefined>;
}

interface Seen {
  /** Changes whenever the file does. */
  readonly mark: string;
  readonly facts: ImageFacts | undefined;
}

/** Files that are looked at together: enough to keep the disk busy, few enough for any limit on open files. */
const TOGETHER = 32;
/** Files of one directory that are looked at: far above any real one, low enough for the memory. */
const MOST_FILES = 50_000;

/** Knows the images of a directory; a file is read again only when it has changed. Links are none: they could lead anywhere. */
export class ImageIndex {
  readonly #directory: string;
  readonly #policy: ImagePolicy;
  readonly #seen = new Map<string, Seen>();

  constructor(directory: string, policy: ImagePolicy) {
    this.#directory = directory;
    this.#policy = policy;
  }

  /** Every image by the name of its file. Rejects when the directory cannot be read, or the storage stops answering. */
  async all(): Promise<ReadonlyMap<string, IndexedImage>> {
    const names = (await readdir(this.#directory)).filter((name) => this.#policy.wants(name)).slice(0, MOST_FILES);
    const there = new Set(names);
    for (const name of this.#seen.keys()) if (!there.has(name)) this.#seen.delete(name);
    const found = new Map<string, IndexedImage>();
    for (let at = 0; at < names.length; at += TOGETHER) {
      const part = names.slice(at, at + TOGETHER);
      const images = await Promise.all(part.map((name) => this.one(name)));
      for (const [index, image] of images.entries()) if (image !== undefined) found.set(part[index] ?? '', image);
    }
    return found;
  }

  /** One image; undefined when it is not there or none. Rejects when the storage does not answer. */
  async one(name: string): Promise<IndexedImage | undefined> {
    if (!this.#policy.wants(name)) return undefined;
    const path = join(this.#directory, name);
    const stats = await lstat(path).catch(unlessOutage);
    if (!stats?.isFile()) return undefined;
    const mark = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
    let seen = this.#seen.get(name);
    if (seen?.mark !== mark) {
      seen = { mark, facts: await this.#read(name, path, stats.size) };
      this.#seen.set(name, seen);
    }
    return seen.facts && { ...seen.facts, allocated: stats.blocks * 512 };
  }

  async #read(name: string, path: string, size: number): Promise<ImageFacts | undefined> {
    // Whoever else may write there may have put something else there since it was looked at.
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(unlessOutage);
    if (file === undefined) return undefined;
    try {
      return await this.#policy.identify(name, file, size);
    } finally {
      await file.close();
    }
  }
}
