import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../execute.js';

/**
 * Downloads Debian packages and unpacks them into a directory. Nothing is installed: the machine gets no second kernel and
 * no guest agent. Rejects when a package cannot be had.
 */
export async function unpack(packages: readonly string[], directory: string): Promise<void> {
  const downloads = `${directory}.debs`;
  await mkdir(downloads, { recursive: true });
  await mkdir(directory, { recursive: true });
  // As root all the way: apt's own user may not write here, which it would mention each time.
  const download = () =>
    execute('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', ...packages], { cwd: downloads, timeout: 600_000 });
  await download().catch(async () => {
    // The lists are missing or name versions that are gone.
    await execute('apt-get', ['update', '-qq', '-o', 'DPkg::Lock::Timeout=300'], { timeout: 600_000 });
    await download();
  });
  for (const file of await readdir(downloads)) await execute('dpkg', ['-x', join(downloads, file), directory]);
}

/** The package behind one that stands for its newest version, such as the kernel's. */
export async function dependencyOf(name: string, pattern: RegExp): Promise<string> {
  const text = await execute('apt-cache', ['depends', name]);
  const found = text.split('\n').flatMap((line) => /^\s*Depends: (\S+)$/.exec(line)?.[1] ?? []);
  const wanted = found.find((dependency) => pattern.test(dependency));
  if (wanted === undefined) throw new Error(`${name} depends on nothing like ${pattern}: ${found.join(', ')}`);
  return wanted;
}
