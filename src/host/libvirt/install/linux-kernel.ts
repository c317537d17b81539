import { RepositoryError } from './repository.js';

/** Bytes of a kernel and of a ramdisk: those of live installers are 10 and 200 MiB. */
export const KERNEL_LIMIT = 64 * 2 ** 20;
export const RAMDISK_LIMIT = 512 * 2 ** 20;

/** Shares of a start that fetching the two counts for. */
export const KERNEL_DONE = 0.1;
export const RAMDISK_DONE = 0.9;

/** Where Linux kernels for x86 say that they are, and what. */
const SIGNATURE = { at: 0x202, text: 'HdrS' };

/** Throws RepositoryError for what does not begin like a kernel. `what` it is said to be. */
export function needKernel(head: Buffer, what: string): void {
  const { at, text } = SIGNATURE;
  if (head.toString('latin1', at, at + text.length) !== text) throw new RepositoryError(`${what} is no Linux kernel for x86`);
}
