import type { Address, Family, NetworkState, Route } from './network-state.js';

/** Command that takes an address away from a device. */
export function deleteAddress(device: string, address: Address): string {
  return `address delete ${cidr(address)} dev ${device}`;
}

/** Command that gives a device an address as another one had it. No other machine is asked whether it has it: it had not. */
export function addAddress(device: string, address: Address): string {
  return words(
    `address add ${cidr(address)}`,
    address.broadcast !== undefined && `broadcast ${address.broadcast}`,
    `scope ${address.scope}`,
    `dev ${device}`,
    address.valid !== undefined && `valid_lft ${address.valid} preferred_lft ${address.preferred ?? 'forever'}`,
    address.family === 6 && 'nodad',
  );
}

/** Command that makes a route as it was, over a device. */
export function addRoute(device: string, route: Route): string {
  return words(
    `route replace ${route.type} ${destination(route)}`,
    route.gateway !== undefined && `via ${route.gateway}`,
    `dev ${device} table ${route.table} protocol ${route.protocol}`,
    route.family === 4 && `scope ${route.scope}`,
    route.source !== undefined && `src ${route.source}`,
    route.metric !== 0 && `metric ${route.metric}`,
    route.onlink && 'onlink',
  );
}

/** Command that takes one route of a device away. */
export function deleteRoute(route: Route): string {
  return words(
    `route delete ${destination(route)}`,
    route.gateway !== undefined && `via ${route.gateway}`,
    `dev ${route.device} table ${route.table}`,
    route.metric !== 0 && `metric ${route.metric}`,
  );
}

/** Addresses of a device that move with what it is used for; those that the kernel makes by itself it makes again. */
export function movable(state: NetworkState, device: string): readonly Address[] {
  return state.globalAddresses(device).filter(({ temporary }) => !temporary);
}

/** Routes of a device that do not come by themselves with its addresses. Those that need no other route come first. */
export function ownRoutes(state: NetworkState, device: string, family?: Family): readonly Route[] {
  return state.routes
    .filter((route) => route.device === device && route.protocol !== 'kernel')
    .filter((route) => family === undefined || route.family === family)
    .sort((one, other) => Number(one.gateway !== undefined) - Number(other.gateway !== undefined));
}

/** Commands before and after a device takes another one's place: what the other has of addresses and routes goes over. */
export interface Move {
  readonly take: readonly string[];
  readonly give: readonly string[];
}

/** What it takes to give a device the addresses and routes of another one. */
export function moveAddresses(state: NetworkState, from: string, to: string): Move {
  const addresses = movable(state, from);
  return {
    // The first address of a subnet takes the others with it when it goes.
    take: addresses.toReversed().map((address) => deleteAddress(from, address)),
    give: [...addresses.map((address) => addAddress(to, address)), ...ownRoutes(state, from).map((route) => addRoute(to, route))],
  };
}

function cidr({ local, peer, prefix }: Address): string {
  return peer === undefined ? `${local}/${prefix}` : `${local} peer ${peer}/${prefix}`;
}

function destination({ family, destination: text }: Route): string {
  if (text !== 'default') return text;
  return family === 6 ? '::/0' : '0.0.0.0/0';
}

function words(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(' ');
}
