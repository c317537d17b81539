import { realpath, stat } from 'node:fs/promises';
import { RepositoryError } from './repository.js';

/** Where administrators of hosts put kernels for guests: the original has them there. */
export const GUEST_KERNELS = ['/boot/guest', '/var/lib/xcp/guest'] as const;

/**
 * The real path of a kernel or ramdisk that a VM names. Clients name it: anything but what was put there for guests would give them
 * the host's own files. Rejects with RepositoryError.
 */
export async function guestKernel(path: string, directories: readonly string[] = GUEST_KERNELS): Promise<string> {
  const roots = await Promise.all(directories.map((directory) => realpath(directory).catch(() => undefined)));
  const real = await realpath(path).catch(() => undefined);
  // Whether a file exists elsewhere is nobody's business: the answer is the same.
  if (real === undefined || !roots.some((root) => root !== undefined && real.startsWith(`${root}/`)))
    throw new RepositoryError(
      `kernels and ramdisks of guests are files in ${directories.join(' or ')}: there is no ${path} there`,
    );
  if (!(await stat(real)).isFile()) throw new RepositoryError(`${path} is no file`);
  return real;
}
