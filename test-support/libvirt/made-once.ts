import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { REPOSITORY } from './repository.js';

const CACHE = join(REPOSITORY, 'node_modules/.cache/xenapi-gateway');

/** Milliseconds after which nobody works on anything any more. */
const ABANDONED = 3_600_000;

/** What is made once and kept: a directory of files that nobody may write to. */
export interface MadeOnce {
  /** Beginning of the directory's name. */
  readonly kind: string;
  /** Folders and files of the repository that it is made from. */
  readonly sources: readonly string[];
  /** What else it depends on, as text. */
  readonly circumstances?: readonly string[];
  /** How many are kept, the latest with those of earlier sources: going back and forth between branches is common. */
  readonly kept: number;
  /** Makes it in the directory `made`. `work` is one to work in, which is removed afterwards. */
  readonly make: (made: string, work: string) => Promise<void>;
}

/**
 * Makes something unless it was made before from the same sources on the same release of the operating system. Debian's point
 * releases do not count. Resolves to the directory.
 */
export async function madeOnce({ kind, sources, circumstances = [], kept, make }: MadeOnce): Promise<string> {
  const directory = join(CACHE, `${kind}-${await keyOf(sources, circumstances)}`);
  if (existsSync(directory)) return directory;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, `making-${kind}-`));
  try {
    const made = join(work, 'made');
    await mkdir(made);
    await make(made, work);
    await removeOthers(kind, kept, basename(directory));
    // Whoever finds the directory finds all of it. Another process may have been faster, with the same.
    await rename(made, directory).catch((thrown: unknown) => {
      if (!existsSync(directory)) throw thrown;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return directory;
}

async function keyOf(sources: readonly string[], circumstances: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(await readFile('/etc/os-release'));
  for (const text of circumstances) hash.update(text);
  for (const source of sources) {
    const root = join(REPOSITORY, source);
    for (const path of await filesOf(root)) hash.update(path.slice(REPOSITORY.length)).update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Removes those of earlier sources but the latest, and what a making that was killed has left. */
async function removeOthers(kind: string, kept: number, own: string): Promise<void> {
  const entries = await readdir(CACHE);
  const aged = await Promise.all(entries.map(async (name) => ({ name, time: (await stat(join(CACHE, name))).mtimeMs })));
  const others = aged
    // Another process may have made the same meanwhile, and use it.
    .filter(({ name }) => name !== own && name.startsWith(`${kind}-`) && /^[0-9a-f]{16}$/.test(name.slice(kind.length + 1)))
    .sort((a, b) => b.time - a.time);
  const left = aged.filter(({ name, time }) => name.startsWith(`making-${kind}-`) && time < Date.now() - ABANDONED);
  for (const { name } of [...others.slice(kept - 1), ...left]) await rm(join(CACHE, name), { recursive: true, force: true });
}
