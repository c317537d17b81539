import type { DomainSpec } from '../../compute.js';
import type { ComputeContext } from './context.js';

/** The right of a domain to come to life here, and the memory for it. */
export interface Admission {
  /** Called once the domain lives, or does not after all. */
  release(): void;
}

/**
 * Lets a domain come to life. Minimum: bytes that the guest needs at least, its dynamic minimum unless given.
 * Throws VM_BAD_POWER_STATE when it lives on a host of the pool, HOST_NOT_ENOUGH_FREE_MEMORY.
 */
export function admit(
  { pool, memory }: Pick<ComputeContext, 'pool' | 'memory'>,
  spec: DomainSpec,
  expected: 'halted' | 'suspended',
  minimum = spec.memory.dynamicMin,
): Admission {
  const unclaim = pool.claim(spec.uuid, expected);
  try {
    const giveBack = memory.reserve(spec, minimum);
    return {
      release() {
        giveBack();
        unclaim();
      },
    };
  } catch (thrown) {
    unclaim();
    throw thrown;
  }
}
