import { LibvirtClosed } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { ComputeContext } from './context.js';

/** Whether a call failed because libvirt went away: whether it was done, nobody knows. */
export function isAway(thrown: unknown): boolean {
  return thrown instanceof LibvirtClosed || (thrown instanceof ApiError && thrown.code === 'HOST_OFFLINE');
}

/**
 * Does what puts a domain right after something was done with it. When libvirt has gone away, this rejects all the same, and it is
 * done the moment when libvirt is there again: a domain that stands still would stand still for ever. What fails then is only told
 * to the log.
 */
export async function putRight(
  { session, warn }: Pick<ComputeContext, 'session' | 'warn'>,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (isAway(thrown)) {
      const off = session.onReconnect(() => {
        off();
        work().catch((error: unknown) => warn(error, what));
      });
    }
    throw thrown;
  }
}
