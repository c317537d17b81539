import type { Family, NetworkState, Route } from './network-state.js';

const FAMILIES: readonly Family[] = [4, 6];

/** How the outside reaches the host. */
export interface Management {
  /** The device that has the addresses: a bridge, or a card by itself. */
  readonly holder: string;
  /** Devices that packets go through on their way in and out, the holder first. */
  readonly path: readonly string[];
}

/** A change of addresses that is meant. */
export interface Readdressing {
  readonly device: string;
  readonly family: Family;
}

/**
 * The way on which the outside reaches the host: over the card that was named, else where the default route goes.
 * Undefined when there is none.
 */
export function findManagement(state: NetworkState, device: string | undefined): Management | undefined {
  const route = state.defaultRoutes(4)[0] ?? state.defaultRoutes(6)[0];
  const start = device !== undefined && state.links.has(device) ? device : route?.device;
  if (start === undefined || !state.links.has(start)) return undefined;
  const holder = state.holder(start);
  return { holder, path: [...new Set([holder, start, ...below(state, holder)])] };
}

/** Everything that a device stands on: members of bridges, bonds and switches, the card below a VLAN. */
function below(state: NetworkState, device: string): string[] {
  const { lower } = state.links.get(device) ?? {};
  const ports = state.switches.get(device)?.ports ?? [];
  const next = [
    ...state
      .members(device)
      .filter(({ name, kind }) => kind !== 'tun' || state.switchOf(name) !== undefined)
      .map(({ name }) => name),
    ...(lower === undefined ? [] : [lower]),
    ...ports.filter(({ internal }) => !internal).flatMap(({ interfaces }) => interfaces),
  ];
  return next.flatMap((name) => [name, ...below(state, name)]);
}

/**
 * Why the outside could no longer reach the host as it could before, undefined when it can. `listening`: addresses at
 * which the host serves, which must stay whatever is meant to change.
 */
export function lossOf(
  before: NetworkState,
  after: NetworkState,
  device: string | undefined,
  meant: Readdressing | undefined,
  listening: readonly string[],
): string | undefined {
  const was = findManagement(before, device);
  if (was === undefined) return undefined;
  const now = findManagement(after, device);
  const lost = listening.find((address) => has(before, address) && !has(after, address));
  if (lost !== undefined) return `the host serves at ${lost}, and would no longer have that address`;
  if (now === undefined) return 'no default route would be left';
  const link = after.links.get(now.holder);
  if (!link?.up) return `${now.holder} would be down`;
  if (before.links.get(was.holder)?.running && !link.running) return `${now.holder} would have no link`;
  const changes = (family: Family): boolean => meant?.family === family && before.holder(meant.device) === was.holder;
  for (const family of FAMILIES) {
    const other: Family = family === 4 ? 6 : 4;
    const spare = changes(family) && reachable(after, now.holder, other) && reachable(before, was.holder, other);
    if (spare) continue;
    if (defaultsFor(before, was.holder, family).length > 0 && after.defaultRoutes(family).length === 0)
      return `no default route for IPv${family} would be left`;
    const had = before.globalAddresses(was.holder, family);
    if (had.length > 0 && after.globalAddresses(now.holder, family).length === 0)
      return `${now.holder} would have no IPv${family} address`;
    const gone = had.find(({ local, dynamic, temporary }) => !dynamic && !temporary && !has(after, local));
    if (gone !== undefined && !changes(family)) return `the address ${gone.local} would be gone`;
  }
  return undefined;
}

/** Default routes that the way to the host needs: its own, or where it has none at all, whichever there are. */
function defaultsFor(state: NetworkState, holder: string, family: Family): readonly Route[] {
  const own = state.defaultRoutes().filter(({ device }) => device === holder);
  return (own.length > 0 ? own : state.defaultRoutes()).filter((route) => route.family === family);
}

function reachable(state: NetworkState, holder: string, family: Family): boolean {
  return state.globalAddresses(holder, family).length > 0 && state.defaultRoutes(family).length > 0;
}

function has(state: NetworkState, address: string): boolean {
  for (const all of state.addresses.values()) if (all.some(({ local }) => local === address)) return true;
  return false;
}
