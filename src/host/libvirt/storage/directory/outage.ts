/** What the kernel says when the storage itself does not answer: a file server or a device that is gone, or broken. */
const OUTAGES = new Set([
  ...['EIO', 'EREMOTEIO', 'ETIMEDOUT', 'ESTALE', 'EAGAIN', 'EINTR', 'ENOTCONN', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED'],
  ...['EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ESHUTDOWN', 'EUCLEAN'],
]);

/**
 * Undefined in place of what a failed access to a file would have resolved to: the file is gone, or not for us. Throws what was thrown when it
 * says nothing about the file: to take that for a file that is gone would make people lose disks that are there.
 */
export function unlessOutage(thrown: unknown): undefined {
  if (thrown instanceof Error && 'code' in thrown && OUTAGES.has(String(thrown.code))) throw thrown;
  return undefined;
}
