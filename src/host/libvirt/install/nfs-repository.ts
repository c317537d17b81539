import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, type Commands } from '../network/commands.js';
import { directoryRepository } from './directory-repository.js';
import { type Repository, RepositoryError } from './repository.js';

/**
 * How directories of others are mounted: nothing in them runs or is a device, and a server that does not answer costs seconds. Locks
 * would need services that hosts often lack, and nothing is written.
 */
const OPTIONS = 'ro,nosuid,nodev,noexec,soft,timeo=50,retrans=2,retry=0,nolock';

/** How names of mount points begin. */
const PREFIX = 'nfs-';

/** Mounts a directory of an NFS server below `directory`, until the repository is closed. Rejects with RepositoryError. */
export async function nfsRepository(
  { server, path }: { readonly server: string; readonly path: string },
  directory: string,
  commands: Commands,
): Promise<Repository> {
  const point = await mkdtemp(join(directory, PREFIX));
  try {
    await commands.run('mount', ['-t', 'nfs', '-o', OPTIONS, '--', `${server}:${path}`, point]);
  } catch (thrown) {
    await rmdir(point);
    if (thrown instanceof CommandError) throw new RepositoryError(`nfs:${server}:${path} cannot be mounted: ${thrown.text}`);
    throw thrown;
  }
  const { open } = directoryRepository(point);
  return {
    async open(file, signal) {
      const found = await open(file, signal);
      // Numbers of files are the same on other servers.
      return found && { ...found, tag: JSON.stringify([server, path, file, found.tag]) };
    },
    async close() {
      // A server that has gone away does not keep the directory for ever.
      await commands.run('umount', ['--', point]).catch(() => commands.run('umount', ['-l', '--', point]));
      await rmdir(point);
    },
  };
}

/** Unmounts what an earlier process has left mounted below `directory`. What cannot be unmounted stays. */
export async function unmountLeft(directory: string, commands: Commands): Promise<void> {
  for (const name of (await readdir(directory)).filter((one) => one.startsWith(PREFIX))) {
    const point = join(directory, name);
    await commands.run('umount', ['-l', '--', point]).catch(() => undefined);
    await rmdir(point).catch(() => undefined);
  }
}
