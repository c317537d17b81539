import { lstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, extname, isAbsolute, join } from 'node:path';
import { identifyImage } from '../image/identify.js';
import type { ImageFacts } from '../image/image-facts.js';
import type { ImagePolicy } from './image-index.js';

/** Endings that name a format; only with those a file may say that it stands on another one. */
const FORMATS = new Set(['.qcow2', '.qcow', '.vmdk', '.vhd', '.vpc', '.vdi']);
/** Endings of files that are disks, whatever is in them. */
const DISKS = new Set(['', '.img', '.raw', '.dsk', '.disk']);

/** Longest name of a file on Linux, in bytes. */
export const LONGEST_NAME = 255;

/** Whether a text can be the name of a file with a disk: one that libvirt and XML can bear, and no path. */
export function isFileName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/^\.|[/\x00-\x1f\x7f\ufffd]/.test(name) && name !== '' && Buffer.byteLength(name) <= LONGEST_NAME;
}

/** Path of an image as the header of another one in a directory names it; undefined for what is no file. */
export function backingPath(backing: string, directory: string): string | undefined {
  const plain = backing.startsWith('file:') ? backing.slice('file:'.length) : backing;
  if (/^[^/]*:/.test(plain)) return undefined;
  return isAbsolute(plain) ? join(plain) : join(directory, plain);
}

/** Tells which files in a directory that is not ours alone are disks. */
export class FoundImages implements ImagePolicy {
  readonly #directory: string;
  /** Files that domains have as disks, whatever they are called. */
  readonly #used = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  wants(name: string): boolean {
    if (!isFileName(name)) return false;
    const ending = extname(name).toLowerCase();
    return FORMATS.has(ending) || DISKS.has(ending) || this.#used.has(name);
  }

  /**
   * Takes a file that a domain has as a disk for one, when it is there. It is looked at once only: a file server that has gone since
   * then would hold up everything. The first look waits for it.
   */
  use(name: string): boolean {
    if (this.#used.has(name)) return true;
    if (!isFileName(name) || extname(name).toLowerCase() === '.iso') return false;
    if (lstatSync(join(this.#directory, name), { throwIfNoEntry: false })?.isFile() !== true) return false;
    this.#used.add(name);
    return true;
  }

  /**
   * What a guest writes into a raw disk may look like an image that stands on any file of the host. So this is believed only
   * of files whose names say that they are images, which a guest cannot change; and of a file that is called like the one it
   * stands on, as libvirt calls the overlays of its snapshots.
   */
  async identify(name: string, file: FileHandle, size: number): Promise<ImageFacts | undefined> {
    const facts = await identifyImage(file, size);
    if (facts?.backing === undefined || FORMATS.has(extname(name).toLowerCase())) return facts;
    const path = backingPath(facts.backing, this.#directory);
    return path !== undefined && path === join(this.#directory, basename(path)) && stem(path) === stem(name) ? facts : undefined;
  }
}

function stem(path: string): string {
  return basename(path, extname(path));
}
