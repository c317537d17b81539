import type { Link, NetworkState } from './network-state.js';

/** Devices of the kernel that are no hardware although they say of no kind. */
const NEVER = new Set(['lo', 'ovs-system']);

/**
 * The network cards among the devices of a host. `chosen` names them where they cannot be told: then nothing else is one.
 * An end of a veth pair whose other end is in another namespace is a card when there is no hardware, as in a container.
 */
export function cardsOf(state: NetworkState, chosen: readonly string[] | undefined): Link[] {
  const links = [...state.links.values()];
  if (chosen !== undefined) return links.filter(({ name }) => chosen.includes(name));
  const hardware = links.filter(({ name, kind, ethernet }) => ethernet && kind === '' && !NEVER.has(name));
  return hardware.length > 0 ? hardware : links.filter(({ kind, farEnd }) => kind === 'veth' && farEnd);
}

/** Kinds of devices that join other machines to a bridge, besides cards. Devices of guests are `tun`, `macvtap` or `veth`. */
export const CARRIERS: ReadonlySet<string> = new Set(['bond', 'team', 'vlan', 'vxlan', 'gretap', 'geneve']);

/** What a device is called outside: a switch that was made to split the VLANs of a card stands for the card. */
export function shownAs(state: NetworkState, device: string): string {
  const { madeFor } = state.switches.get(device) ?? {};
  return madeFor === undefined ? device : madeFor;
}
