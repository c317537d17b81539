import type { Warn } from '../tree/intents.js';
import { DirectoryMedium } from './directory-medium.js';

/** A directory with images in a file system that is mounted for its SR alone. */
export class MountedMedium extends DirectoryMedium {
  readonly #unmount: () => Promise<void>;

  constructor(sr: string, location: string, unmount: () => Promise<void>, warn: Warn) {
    super(sr, location, location, warn);
    this.#unmount = unmount;
  }

  close(): Promise<void> {
    return this.#unmount();
  }
}
