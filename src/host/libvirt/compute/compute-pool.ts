import { ApiError } from '../../../model/error.js';
import type { ComputeContext } from './context.js';
import { unmarkSuspended } from './suspend-mark.js';

/**
 * The hosts that one process drives and that see the same disks: a domain lives on one of them at a time. QEMU's own locks
 * on images guard against what other processes do.
 */
export class ComputePool {
  readonly members = new Set<ComputeContext>();
  /** Domains that are on their way to life. */
  private readonly claims = new Set<string>();

  /**
   * Takes the right to bring a domain to life; the function gives it back. Throws VM_BAD_POWER_STATE when it lives or
   * comes to life on any host. Expected: the state that it should be in.
   */
  claim(uuid: string, expected: 'halted' | 'suspended'): () => void {
    if (this.claims.has(uuid)) throw new ApiError('VM_BAD_POWER_STATE', uuid, expected, 'running');
    for (const { states } of this.members) {
      const power = states.find(uuid)?.power;
      if (power === 'Running' || power === 'Paused')
        throw new ApiError('VM_BAD_POWER_STATE', uuid, expected, power.toLowerCase());
    }
    this.claims.add(uuid);
    return () => this.claims.delete(uuid);
  }

  /** Whether somebody here is bringing a domain to life. */
  isComing(uuid: string): boolean {
    return this.claims.has(uuid);
  }

  /** The description that another host has of a domain; undefined when none has one. */
  async description(uuid: string, here: ComputeContext): Promise<string | undefined> {
    for (const member of this.members) {
      if (member !== here && member.session.connected && member.states.find(uuid)) return member.inactiveXml(uuid);
    }
    return undefined;
  }

  /** A domain has come to life here: memory that another host had saved of it is no longer its own. */
  async alive(uuid: string, here: ComputeContext): Promise<void> {
    for (const member of this.members) {
      if (member !== here && member.states.find(uuid)?.power === 'Suspended') {
        await unmarkSuspended(member, uuid);
        await member.states.refresh(uuid);
      }
    }
  }
}
