import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Repository, RepositoryError, type RepositoryFile } from './repository.js';

const { O_RDONLY, O_NONBLOCK } = constants;

/**
 * A repository in a directory whose content others make, such as an NFS server: links in it may lead around in it, but not out of
 * it. `close` is the caller's affair.
 */
export function directoryRepository(root: string): Repository {
  return {
    async open(path): Promise<RepositoryFile | undefined> {
      const file = await openFile(join(root, path));
      if (file === undefined) return undefined;
      try {
        const found = await file.stat();
        // Asked of what is open: what a path leads to may change at any time.
        const real = await readlink(`/proc/self/fd/${file.fd}`);
        if (!real.startsWith(`${await realpath(root)}/`)) throw new RepositoryError(`${path} leads out of the repository`);
        if (!found.isFile()) throw new RepositoryError(`${path} is no file`);
        const tag = JSON.stringify([found.ino, found.size, found.mtimeMs]);
        return { tag, size: found.size, content: file.createReadStream() };
      } catch (thrown) {
        await file.close();
        throw thrown;
      }
    },
    close: async () => undefined,
  };
}

/** Without waiting for whoever holds the other end, should it be a pipe. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, O_RDONLY | O_NONBLOCK);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return undefined;
    throw new RepositoryError(`the repository cannot be read: ${String(thrown.code)}`);
  }
}
