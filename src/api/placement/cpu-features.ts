import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { domainType } from '../world/domain-records.js';

/**
 * Throws VM_INCOMPATIBLE_WITH_THIS_HOST when a VM that has booted saw a processor that the host's cannot stand in for:
 * another vendor's, or one with more features. A halted VM takes what it finds.
 */
export function assertCpuCompatible(db: Database, ref: Ref<'VM'>, host: Ref<'host'>): void {
  const vm = db.get('VM', ref);
  const { cpu_info: cpu } = db.get('host', host);
  if (vm.power_state === 'Halted') return;
  const refuse = (reason: string) => new ApiError('VM_INCOMPATIBLE_WITH_THIS_HOST', ref, host, reason);
  const seen = vm.last_boot_CPU_flags;
  const vendor = seen.get('vendor');
  if (vendor !== undefined && vendor !== '' && vendor !== cpu.get('vendor'))
    throw refuse('VM last booted on a host which had a CPU from a different vendor.');
  const features = seen.get('features');
  if (features && !includesFeatures(hostFeatures(cpu, vm), features))
    throw refuse("VM last booted on a CPU with features this host's CPU does not have.");
}

/** Feature words that guests of this kind may see on a host. Old versions keep one set for all guests. */
function hostFeatures(cpu: ReadonlyMap<string, string>, vm: Fields<'VM'>): string {
  const kind = domainType(vm) === 'pv' ? 'pv' : 'hvm';
  return cpu.get(`features_${kind}_host`) ?? cpu.get(`features_${kind}`) ?? cpu.get('features') ?? '';
}

/** Whether every feature bit of the needed words is in the given ones. Words are eight hexadecimal digits, `-` between them. */
export function includesFeatures(given: string, needed: string): boolean {
  const has = given.split('-').map(word);
  return needed
    .split('-')
    .map(word)
    .every((bits, i) => (bits & ~(has[i] ?? 0n)) === 0n);
}

function word(text: string): bigint {
  return /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : 0n;
}
