import { ApiError } from '../../../../model/error.js';
import type { Ref } from '../../../../model/ref.js';
import type { Fields } from '../../../../model/types.js';
import type { Api } from '../../../api.js';
import { domainType } from '../../../world/domain-records.js';
import { dropGuest } from '../../../world/guest-records.js';
import { memoryOverhead } from '../memory-overhead.js';

/**
 * Brings the record of a VM up to date before its memory is reserved: what only old clients leave unsaid, and what may
 * have been written past the rules. Throws MEMORY_CONSTRAINT_VIOLATION_MAXPIN, unless forced, for memory that moves
 * where the guest cannot stand it.
 */
export function prepareToStart(api: Api, ref: Ref<'VM'>, force: boolean): void {
  const { db } = api;
  db.transaction(() => {
    const vm = db.get('VM', ref);
    if (!force) assertPinned(vm);
    const type = domainType(vm);
    db.set('VM', ref, {
      domain_type: type,
      memory_overhead: memoryOverhead({ ...vm, domain_type: type }),
      platform: platformToStart(api, vm),
      ...(vm.ha_restart_priority === 'restart' && { ha_always_run: true }),
    });
    // What the tools told may have come along with a clone and be another guest's.
    dropGuest(api, ref);
  });
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

/** A guest that runs guests of its own cannot give memory back. */
function assertPinned(vm: Fields<'VM'>): void {
  if (!isTrue(vm.platform.get('nested-virt'))) return;
  if (vm.memory_dynamic_min !== vm.memory_static_max || vm.memory_dynamic_max !== vm.memory_static_max)
    throw new ApiError('MEMORY_CONSTRAINT_VIOLATION_MAXPIN', 'nested virt');
}

/** Secure boot `auto` is on where the pool has certificates for it. */
function platformToStart({ db, pool }: Api, { platform }: Fields<'VM'>): ReadonlyMap<string, string> {
  if (platform.get('secureboot') !== 'auto') return platform;
  return new Map([...platform, ['secureboot', String(db.get('pool', pool).uefi_certificates !== '')]]);
}
