import type { Fields } from '../../../model/types.js';
import { domainType } from '../../world/domain-records.js';

const MIB = 2 ** 20;
const PAGES_PER_MIB = 256;

/** Pages that a virtual CPU takes in shadow memory, and in the hypervisor itself. */
const SHADOW_PAGES_PER_VCPU = 256;
const HYPERVISOR_PAGES_PER_VCPU = 38;

/** What the overhead of a VM follows from. Sizes in bytes. */
export type OverheadSettings = Pick<
  Fields<'VM'>,
  'domain_type' | 'HVM_boot_policy' | 'memory_static_max' | 'VCPUs_max' | 'HVM_shadow_multiplier'
>;

/** Bytes of host memory that a VM needs on top of its own, as the original reckons. */
export function memoryOverhead(vm: OverheadSettings): number {
  const staticMax = Math.ceil(vm.memory_static_max / MIB);
  const type = domainType(vm);
  const inside = type === 'pv' ? 0 : 1;
  const outside = 1;
  const shim = type === 'pv_in_pvh' ? 23 + Math.floor(staticMax / 90) : 0;
  const hypervisor = Math.ceil((HYPERVISOR_PAGES_PER_VCPU * vm.VCPUs_max) / PAGES_PER_MIB);
  return (inside + outside + shadow(staticMax, vm.VCPUs_max, vm.HVM_shadow_multiplier) + hypervisor + shim) * MIB;
}

/** Shadow memory in MiB: a page per MiB for the map, another for what is in use, and a share per virtual CPU. */
function shadow(staticMax: number, vcpus: number, multiplier: number): number {
  const pages = SHADOW_PAGES_PER_VCPU * vcpus + 2 * staticMax;
  return Math.max(1, Math.trunc(Math.ceil(pages / PAGES_PER_MIB) * multiplier));
}

/** Bytes that a host must have for a VM whose guest gets so many. */
export function memoryFootprint(vm: OverheadSettings, guest: number): number {
  return Math.ceil(guest / MIB) * MIB + memoryOverhead(vm);
}

/** The largest memory_static_max in bytes, in whole MiB, with which a VM fits into so many bytes of a host. */
export function largestStaticMax(vm: OverheadSettings, total: number): number {
  let fits = 0;
  let tooMuch = Math.floor(total / MIB) + 1;
  while (tooMuch - fits > 1) {
    const middle = Math.floor((fits + tooMuch) / 2);
    const bytes = middle * MIB;
    if (memoryFootprint({ ...vm, memory_static_max: bytes }, bytes) <= total) fits = middle;
    else tooMuch = middle;
  }
  return fits * MIB;
}
