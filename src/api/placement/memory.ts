import type { Database } from '../../db/database.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { memoryFootprint } from '../classes/VM/memory-overhead.js';
import { domainType } from '../world/domain-records.js';

/**
 * Bytes that must be free on a host for a VM to start there: guests may be squeezed to the lower end of their dynamic
 * range, except those that cannot give memory back.
 */
export function memoryToStart(vm: Fields<'VM'>): number {
  const type = domainType(vm);
  const settings = type === 'pv' ? { ...vm, HVM_shadow_multiplier: 1 } : vm;
  return memoryFootprint(settings, type === 'pv_in_pvh' ? vm.memory_static_max : vm.memory_dynamic_min);
}

/** Memory of one host in bytes: what guests may use together, and the guests that use it or are about to. */
export interface HostMemory {
  readonly forGuests: number;
  readonly guests: Fields<'VM'>[];
}

/**
 * Memory of every host with the VMs that run there or have been promised a place. One pass over the VMs, because who
 * chooses among hosts needs all of them. `except` is not counted where it has only been promised a place: the VM that is
 * being started is not in its own way.
 */
export function hostMemories(db: Database, except?: Ref<'VM'>): Map<Ref<'host'>, HostMemory> {
  const memories = new Map<Ref<'host'>, HostMemory>();
  for (const [ref, host] of db.all('host')) {
    const total = db.find('host_metrics', host.metrics)?.fields.memory_total ?? 0;
    memories.set(ref, { forGuests: total - host.memory_overhead, guests: [] });
  }
  for (const [ref, vm] of db.all('VM')) {
    memories.get(vm.resident_on)?.guests.push(vm);
    const { scheduled_to_be_resident_on: promised } = vm;
    if (promised !== vm.resident_on && ref !== except) memories.get(promised)?.guests.push(vm);
  }
  return memories;
}

/** Bytes that a host can still give to a guest, when all others are squeezed to the lower end of their dynamic range. */
export function freeMemory({ forGuests, guests }: HostMemory): number {
  let free = forGuests;
  for (const guest of guests) free -= guest.memory_dynamic_min + guest.memory_overhead;
  return Math.max(0, free);
}
