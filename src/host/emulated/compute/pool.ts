import { ApiError } from '../../../model/error.js';
import type { Clock } from '../clock.js';
import type { EmulatedCompute } from './compute.js';
import { type Domain, isLive } from './domain.js';
import type { DomainRecords } from './domain-record.js';
import type { Delays } from './options.js';

/** What the hosts of an emulated world know together: where domains are, how long things take, which guests have tools. */
export interface ComputePool {
  readonly clock: Clock;
  readonly delays: Delays;
  readonly records: DomainRecords;
  readonly members: EmulatedCompute[];
  /** Whether the guest of a VM has tools. */
  hasTools(uuid: string): boolean;
  warn(message: string): void;
}

/** Throws VM_BAD_POWER_STATE when a domain of that uuid is live or comes to life on any host. */
export function assertNotLive(pool: ComputePool, uuid: string, expected: 'halted' | 'suspended'): void {
  for (const member of pool.members) {
    const domain = member.find(uuid);
    if (domain !== undefined) throw badPowerState(domain, expected);
  }
}

/** The refusal of an operation that a domain's state does not allow. Expected: states in lower case, comma between. */
export function badPowerState({ uuid, power }: Domain, expected: string): ApiError {
  return new ApiError('VM_BAD_POWER_STATE', uuid, expected, power.toLowerCase());
}

/** Throws VM_BAD_POWER_STATE unless the domain is live and in one of the states. */
export function assertPower(domain: Domain, ...expected: readonly ('Running' | 'Paused')[]): void {
  if (isLive(domain) && expected.some((power) => power === domain.power)) return;
  throw badPowerState(domain, expected.map((power) => power.toLowerCase()).join(', '));
}
