import { setTimeout as sleep } from 'node:timers/promises';
import type { IpConfiguration } from '../../network.js';
import { addAddress, addRoute, deleteAddress, deleteRoute, movable, ownRoutes } from './address-moves.js';
import type { NetworkContext } from './context.js';
import type { DhcpClients } from './dhcp-clients.js';
import { prefixOf } from './ip-checks.js';
import type { Address, Family, NetworkState } from './network-state.js';

/** Milliseconds that a client may take from its lease to the address on the device, and how often that is looked at. */
const ADDRESS_SET = 3000;
const LOOK = 100;

/** The commands that give a device one fixed address, in the place of all others of the family that can move. */
export function staticLines(
  state: NetworkState,
  holder: string,
  family: Family,
  wanted: readonly { readonly local: string; readonly prefix: number }[],
  gateway: string,
): { readonly lines: string[]; readonly routes: string[] } {
  const now = movable(state, holder).filter((address) => address.family === family);
  const isSame = (address: Address, one: { local: string; prefix: number }): boolean =>
    address.local === one.local && address.prefix === one.prefix && !address.dynamic;
  const gone = now.filter((address) => !wanted.some((one) => isSame(address, one)));
  const added = wanted.filter((one) => !now.some((address) => isSame(address, one)));
  const own = ownRoutes(state, holder, family);
  const defaults = own.filter(({ destination, table }) => destination === 'default' && table === 'main');
  const keptDefault = defaults.find((route) => route.gateway === gateway && gone.length === 0);
  return {
    lines: [
      ...defaults.filter((route) => route !== keptDefault).map(deleteRoute),
      ...gone.toReversed().map((address) => deleteAddress(holder, address)),
      ...added.map(({ local, prefix }) => addAddress(holder, fixedAddress(family, local, prefix))),
      ...(gateway === '' || keptDefault ? [] : [defaultLine(state, holder, family, gateway)]),
    ],
    // Other routes over an address that went have gone with it, and may be possible over the new one.
    routes: gone.length === 0 ? [] : own.filter((route) => !defaults.includes(route)).map((route) => addRoute(holder, route)),
  };
}

function fixedAddress(family: Family, local: string, prefix: number): Address {
  return {
    family,
    local,
    prefix,
    peer: undefined,
    broadcast: family === 4 && prefix < 31 ? '+' : undefined,
    scope: 'global',
    dynamic: false,
    temporary: false,
    valid: undefined,
    preferred: undefined,
  };
}

/** A default route never takes the place of one over another device: it is used when that fails. */
function defaultLine(state: NetworkState, holder: string, family: Family, gateway: string): string {
  const others = state.defaultRoutes(family).filter(({ device }) => device !== holder);
  const metric = others.length === 0 ? '' : ` metric ${Math.max(...others.map((route) => route.metric)) + 1}`;
  return `route add ${family === 6 ? '::/0' : '0.0.0.0/0'} via ${gateway} dev ${holder}${metric}`;
}

/** Gives a device the IPv4 settings that it is to have; `holder` has its addresses. The guard looks at what comes of it. */
export async function applyIp(
  { ip, kept }: NetworkContext,
  dhcp: DhcpClients,
  state: NetworkState,
  device: string,
  configuration: IpConfiguration,
): Promise<void> {
  const holder = state.holder(device);
  const { mode, ip: local, netmask, gateway } = configuration;
  const client = `${device}/4`;
  if (mode === 'DHCP') {
    const has = state.globalAddresses(holder, 4);
    const others = has.some(({ dynamic }) => dynamic) || kept.current.ip.get(device)?.mode === 'DHCP';
    if (dhcp.runsFor(device, 4) || (has.length > 0 && others && !kept.current.leased.has(client))) return;
    await ip.apply([`link set dev ${holder} up`]);
    const leased = await dhcp.start(device, holder, 4);
    const after = leased === undefined ? await ip.read() : await withAddress({ ip }, holder, leased);
    const fixed = after
      .globalAddresses(holder, 4)
      .filter(({ local, dynamic }) => local !== leased && !dynamic && has.some((one) => one.local === local));
    await ip.attempt(fixed.toReversed().map((address) => deleteAddress(holder, address)));
    await kept.change((settings) => settings.leased.add(client));
    return;
  }
  dhcp.stop(device, 4);
  await kept.change((settings) => settings.leased.delete(client));
  const wanted = mode === 'Static' ? [{ local, prefix: prefixOf(netmask) ?? 32 }] : [];
  const { lines, routes } = staticLines(state, holder, 4, wanted, mode === 'Static' ? gateway : '');
  await ip.apply([...(mode === 'Static' ? [`link set dev ${holder} up`] : []), ...lines]);
  await ip.attempt(routes);
}

async function withAddress({ ip }: Pick<NetworkContext, 'ip'>, holder: string, address: string): Promise<NetworkState> {
  const end = Date.now() + ADDRESS_SET;
  for (;;) {
    const state = await ip.read();
    if (state.globalAddresses(holder, 4).some(({ local }) => local === address) || Date.now() >= end) return state;
    await sleep(LOOK);
  }
}
