import { ApiError } from '../../../model/error.js';
import type { NicSpec } from '../../compute.js';
import type { NicRules } from '../nic-rules.js';

/** Rules for cards of guests on a host that is not this machine: there are none, so guests that need some are refused. */
export class RemoteRules implements NicRules {
  needed({ locking, qos }: NicSpec): boolean {
    return locking.mode !== 'unlocked' || qos.size > 0;
  }

  async apply(tap: string, nic: NicSpec): Promise<void> {
    if (this.needed(nic))
      throw new ApiError(
        'OPERATION_NOT_ALLOWED',
        `cards such as ${tap} cannot be locked or limited on a host that is not this machine`,
      );
  }

  async drop(): Promise<void> {}

  async close(): Promise<void> {}
}
