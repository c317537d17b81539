import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { isLive } from '../reach.js';
import { assertCanBootHere } from './can-boot-here.js';
import { type HostSummary, roomy, squeezed, sufficient, summarise, type Valuation } from './host-summary.js';
import { type HostMemory, hostMemories } from './memory.js';

/** A number from 0 to below 1. */
export type Random = () => number;

/** Prefers the start of a list, without always taking the very first: starts that come at once spread out. */
const towardsFirst: Random = () => Math.random() ** 2;

/**
 * The host on which a VM should run: its affinity host where that is possible, else one with much free memory, away from
 * other members of its anti-affinity group. Throws NO_HOSTS_AVAILABLE when it can run nowhere; clients then ask
 * assert_can_boot_here host by host for the reasons.
 */
export function chooseHost(api: Api, vm: Ref<'VM'>, random: Random = towardsFirst): Ref<'host'> {
  const memories = hostMemories(api.db, vm);
  const groups = rankedHosts(api, vm);
  // Hosts that look too full are tried last: the host itself knows best, and its answer tells what is missing.
  for (const memory of [true, false]) {
    for (const hosts of memory ? groups : [groups.flat()]) {
      const fits = (host: Ref<'host'>) => canRun(api, vm, host, memories, memory);
      const host = pick(api, vm, hosts, memories, fits, random);
      if (host !== undefined) return host;
    }
  }
  throw new ApiError('NO_HOSTS_AVAILABLE');
}

/** Every host on which a VM could run now. */
export function possibleHosts(api: Api, vm: Ref<'VM'>): Ref<'host'>[] {
  const { scheduled_to_be_resident_on: promised } = api.db.get('VM', vm);
  if (!isNullRef(promised)) return [promised];
  const memories = hostMemories(api.db, vm);
  const hosts: Ref<'host'>[] = [];
  for (const [host] of api.db.all('host')) if (fits(api, vm, host, { cpu: false, memories })) hosts.push(host);
  return hosts;
}

/** A live host for which a check passes; which one does not matter. Throws NO_HOSTS_AVAILABLE. */
export function anyHost(api: Api, suits: (host: Ref<'host'>) => boolean): Ref<'host'> {
  for (const [host] of api.db.all('host')) if (isLive(api.db, host) && suits(host)) return host;
  throw new ApiError('NO_HOSTS_AVAILABLE');
}

function canRun(
  api: Api,
  vm: Ref<'VM'>,
  host: Ref<'host'>,
  memories: ReadonlyMap<Ref<'host'>, HostMemory>,
  memory: boolean,
): boolean {
  for (const operation of api.db.get('host', host).current_operations.values()) if (operation === 'evacuate') return false;
  return fits(api, vm, host, { memories, memory });
}

function fits(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, checks: Parameters<typeof assertCanBootHere>[3]): boolean {
  try {
    assertCanBootHere(api, vm, host, checks);
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError) return false;
    throw thrown;
  }
}

/** Hosts in groups of equal worth, best first. Only members of an anti-affinity group have more than one such group. */
function rankedHosts({ db }: Api, vm: Ref<'VM'>): Ref<'host'>[][] {
  const hosts = [...db.all('host')].map(([host]) => host);
  const { groups, affinity } = db.get('VM', vm);
  const apart = groups.find((group) => db.find('VM_group', group)?.fields.placement === 'anti_affinity');
  if (apart === undefined) return [hosts];
  const members = new Map<Ref<'host'>, number>();
  for (const member of db.get('VM_group', apart).VMs) {
    const host = placeOf(db.get('VM', member));
    if (host !== undefined) members.set(host, (members.get(host) ?? 0) + 1);
  }
  const ranked = new Map<number, Ref<'host'>[]>();
  for (const host of hosts) {
    const rank = host === affinity ? -1 : (members.get(host) ?? 0);
    ranked.set(rank, [...(ranked.get(rank) ?? []), host]);
  }
  return [...ranked].sort(([a], [b]) => a - b).map(([, equal]) => equal);
}

/** Where a member of a group counts: where it goes to, else where it runs. A paused one does no work that could be lost. */
function placeOf(vm: Fields<'VM'>): Ref<'host'> | undefined {
  if (!isNullRef(vm.scheduled_to_be_resident_on)) return vm.scheduled_to_be_resident_on;
  return vm.power_state === 'Running' ? vm.resident_on : undefined;
}

function pick(
  api: Api,
  vm: Ref<'VM'>,
  hosts: readonly Ref<'host'>[],
  memories: ReadonlyMap<Ref<'host'>, HostMemory>,
  suits: (host: Ref<'host'>) => boolean,
  random: Random,
): Ref<'host'> | undefined {
  const { db } = api;
  const guest = db.get('VM', vm);
  const { master, coordinator_bias: spares } = db.get('pool', api.pool);
  let left: HostSummary[] = [];
  for (const host of hosts) {
    const memory = memories.get(host);
    if (memory) left.push(summarise(host, memory, guest, host === master));
  }
  const atHome: Valuation = (host) => (host.host === guest.affinity ? squeezed(host) : -1);
  for (const valuation of [atHome, roomy(spares), sufficient(spares), squeezed]) {
    const valued = left.map((host) => ({ host, value: valuation(host) })).sort((a, b) => b.value - a.value);
    const found = takeFirst(
      valued.filter(({ value }) => value >= 0).map(({ host }) => host.host),
      suits,
      random,
    );
    if (found !== undefined) return found;
    left = valued.filter(({ value }) => value < 0).map(({ host }) => host);
  }
  return undefined;
}

/** The first that suits, trying them in the order of the list more or less. */
function takeFirst(
  hosts: readonly Ref<'host'>[],
  suits: (host: Ref<'host'>) => boolean,
  random: Random,
): Ref<'host'> | undefined {
  const left = [...hosts];
  while (left.length) {
    const [host] = left.splice(Math.floor(random() * left.length), 1);
    if (host !== undefined && suits(host)) return host;
  }
  return undefined;
}
