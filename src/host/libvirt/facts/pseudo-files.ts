import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Reads what the kernel tells in files below `/proc` and `/sys`. What is not there is empty. */
export class PseudoFiles {
  readonly #root: string;

  /** `root`: where `/proc` and `/sys` are found. */
  constructor(root = '/') {
    this.#root = root;
  }

  /** Content without the white space around it. */
  async text(path: string): Promise<string> {
    try {
      return (await readFile(join(this.#root, path), 'utf8')).trim();
    } catch {
      return '';
    }
  }

  /** Names of what is in a directory, in order. */
  async names(path: string): Promise<readonly string[]> {
    try {
      return (await readdir(join(this.#root, path))).sort();
    } catch {
      return [];
    }
  }

  /** Last part of what a link leads to. */
  async linked(path: string): Promise<string> {
    try {
      return basename(await readlink(join(this.#root, path)));
    } catch {
      return '';
    }
  }
}
