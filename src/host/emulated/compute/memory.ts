import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import type { Domain } from './domain.js';
import { memoryOverhead } from './memory-overhead.js';

/** Guests are given memory in whole pages. */
const PAGE = 4096;

/** Bytes that no domain uses. */
export function freeMemory(capacity: number, domains: Iterable<Domain>): number {
  let free = capacity;
  for (const { memory, overhead } of domains) free -= memory + overhead;
  return Math.max(0, free);
}

/**
 * Bytes that a new domain with those bounds gets: as much as it may have when guests that have more than their minimum
 * give memory back. Throws HOST_NOT_ENOUGH_FREE_MEMORY when not even the minimum can be had.
 */
export function memoryFor(
  spec: DomainSpec,
  minimum: number,
  maximum: number,
  capacity: number,
  domains: Iterable<Domain>,
): number {
  const overhead = memoryOverhead(spec);
  let free = capacity;
  let reclaimable = 0;
  for (const domain of domains) {
    free -= domain.memory + domain.overhead;
    // Only a guest with tools gives memory back.
    if (domain.guest !== undefined) reclaimable += domain.memory - domain.memoryMinimum;
  }
  const available = Math.max(0, free + reclaimable);
  if (minimum + overhead > available) {
    throw new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', String(minimum + overhead), String(available));
  }
  return Math.max(minimum, Math.min(maximum, free - overhead));
}

/**
 * Shares out memory: every guest that can follow gets its minimum and the same part of what lies between its bounds.
 * Returns the domains whose memory changed. Called at every start and end of a domain, so it goes over them only twice.
 */
export function balance(capacity: number, domains: () => Iterable<Domain>): readonly Domain[] {
  let room = capacity;
  let spread = 0;
  for (const { guest, memory, memoryMinimum, memoryMaximum, overhead } of domains()) {
    room -= overhead + (guest === undefined ? memory : memoryMinimum);
    if (guest !== undefined) spread += memoryMaximum - memoryMinimum;
  }
  const share = spread === 0 ? 1 : Math.max(0, Math.min(1, room / spread));
  const changed: Domain[] = [];
  for (const domain of domains()) {
    if (domain.guest === undefined) continue;
    const { memoryMinimum, memoryMaximum } = domain;
    const memory = memoryMinimum + Math.floor((share * (memoryMaximum - memoryMinimum)) / PAGE) * PAGE;
    if (memory === domain.memory) continue;
    domain.memory = memory;
    changed.push(domain);
  }
  return changed;
}
