import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A file of the gateway's state, by its name in the data directory. Size in bytes. */
export interface StateFile {
  readonly name: string;
  readonly size: number;
  readonly modified: number;
  read(): Promise<Buffer>;
}

/**
 * What the data directory holds of the gateway's own, beside the database: who may log in, by what the gateway is known to others, and
 * what was measured and uploaded. What follows from the hosts, and the disks of emulated ones, is not among it.
 */
const FILES: ReadonlySet<string> = new Set(['accounts.json', 'pool-secret']);
const FOLDERS: ReadonlySet<string> = new Set(['tls', 'certificates', 'blobs', 'measurements', 'changed-blocks']);
/** Names that the gateway gives to files in these folders. */
const PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/;
const DEEPEST = 4;
/** The header of an archive has room for a hundred bytes. */
const LONGEST_NAME = 90;

/** Largest of these files, in bytes: digests of changed blocks of a disk of some terabytes. */
export const LARGEST_FILE = 256 * 1024 ** 2;

/** Whether a file of that name may be part of the state; names come from uploads. */
export function isStateFile(name: string): boolean {
  const parts = name.split('/');
  if (name.length > LONGEST_NAME || parts.length > DEEPEST || !parts.every((part) => PART.test(part))) return false;
  return parts.length === 1 ? FILES.has(name) : FOLDERS.has(parts[0] ?? '');
}

/** All files of the state that are there, in the order of their names. */
export async function* stateFiles(dataDir: string): AsyncGenerator<StateFile, void, void> {
  for (const path of await namesBelow(dataDir, dataDir)) {
    const name = relative(dataDir, path);
    if (!isStateFile(name)) continue;
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.size <= LARGEST_FILE)
      yield { name, size: found.size, modified: Math.floor(found.mtimeMs / 1000), read: () => readFile(path) };
  }
}

async function namesBelow(root: string, directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isFile()) names.push(path);
    else if (entry.isDirectory() && (directory !== root || FOLDERS.has(entry.name)))
      names.push(...(await namesBelow(root, path)));
  }
  return names;
}
