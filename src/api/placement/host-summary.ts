import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { HostMemory } from './memory.js';

/** Memory of a host in bytes as it would be with one more guest. */
export interface HostSummary {
  readonly host: Ref<'host'>;
  /** The pool's coordinator, which others may be preferred to. */
  readonly coordinator: boolean;
  /** For the guests' own memory. */
  readonly available: number;
  readonly dynamicMin: number;
  readonly dynamicMax: number;
  readonly staticMax: number;
}

/** What a host would look like with one more guest. */
export function summarise(
  host: Ref<'host'>,
  { forGuests, guests }: HostMemory,
  extra: Fields<'VM'>,
  coordinator: boolean,
): HostSummary {
  let available = forGuests;
  let dynamicMin = 0;
  let dynamicMax = 0;
  let staticMax = 0;
  for (const guest of [...guests, extra]) {
    available -= guest.memory_overhead;
    dynamicMin += guest.memory_dynamic_min;
    dynamicMax += guest.memory_dynamic_max;
    staticMax += guest.memory_static_max;
  }
  return { host, coordinator, available, dynamicMin, dynamicMax, staticMax };
}

/** How good a host is for a purpose: the higher the better, below 0 when it is out of the question. */
export type Valuation = (host: HostSummary) => number;

/** Hosts of the pool are ranked by free memory; the coordinator has other work and counts for half. */
function byFreeMemory(free: (host: HostSummary) => number, sparesCoordinator: boolean): Valuation {
  return (host) => (host.coordinator && sparesCoordinator ? (free(host) - 1) / 2 : free(host));
}

/** Every guest could have its static maximum. */
export function roomy(sparesCoordinator: boolean): Valuation {
  return byFreeMemory((host) => host.available - host.staticMax, sparesCoordinator);
}

/** Every guest could have its dynamic maximum. */
export function sufficient(sparesCoordinator: boolean): Valuation {
  return byFreeMemory((host) => host.available - host.dynamicMax, sparesCoordinator);
}

/** Guests fit when they are squeezed: 1 when they need not be, 0 when all of them get their minimum. */
export const squeezed: Valuation = ({ available, dynamicMin, dynamicMax }) => {
  if (available >= dynamicMax) return 1;
  return available < dynamicMin ? -1 : (available - dynamicMin) / (dynamicMax - dynamicMin);
};
