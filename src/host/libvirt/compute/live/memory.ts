import { DomainMemoryModFlags } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import { asHost } from '../../errors.js';
import type { ComputeContext } from '../context.js';

const KIB = 1024;

/**
 * Moves a living domain's memory between two bounds by its balloon: as much as the host has free, at most the maximum.
 * Resolves with the target in bytes; the guest follows as fast as it can. Throws MEMORY_CONSTRAINT_VIOLATION_ORDER, and
 * HOST_NOT_ENOUGH_FREE_MEMORY where the host has not even the minimum.
 */
export async function setMemoryRange(context: ComputeContext, uuid: string, minimum: number, maximum: number): Promise<number> {
  const { session, states } = context;
  const dom = await context.live(uuid);
  const { maxMem } = await asHost({ vm: uuid }, () => session.call('DOMAIN_GET_INFO', { dom }));
  if (minimum > maximum || maximum > maxMem * KIB) throw new ApiError('MEMORY_CONSTRAINT_VIOLATION_ORDER');
  const target = targetWithin(minimum, maximum, (states.find(uuid)?.memory ?? 0) + context.memory.free());
  await asHost({ vm: uuid }, () =>
    session.call('DOMAIN_SET_MEMORY_FLAGS', { dom, memory: target / KIB, flags: DomainMemoryModFlags.LIVE }),
  );
  await states.refresh(uuid);
  return target;
}

/** Bytes in whole KiB between the bounds, as near to the maximum as what is available allows. */
export function targetWithin(minimum: number, maximum: number, available: number): number {
  if (minimum > available) throw new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', String(minimum), String(available));
  return Math.floor(Math.max(minimum, Math.min(maximum, available)) / KIB) * KIB;
}
