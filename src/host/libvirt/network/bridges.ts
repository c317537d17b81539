import { ApiError } from '../../../model/error.js';
import type { FoundBridge } from '../../network.js';
import { moveAddresses } from './address-moves.js';
import { shownAs } from './cards.js';
import type { NetworkContext } from './context.js';
import { type NetworkState, OURS } from './network-state.js';
import { carriersIn, portOf, release } from './ports.js';
import { assertDeviceName, existing } from './refusal.js';

/** Every bridge of the kernel and of Open vSwitch but those that were made to carry VLANs. */
export function findBridges(state: NetworkState, names: ReadonlyMap<string, string>): FoundBridge[] {
  const found = (bridge: string, devices: readonly string[]): FoundBridge => ({
    bridge,
    mtu: state.links.get(bridge)?.mtu ?? 0,
    devices,
    name: names.get(bridge) ?? bridge,
  });
  const kernel = [...state.links.values()]
    .filter(({ kind }) => kind === 'bridge')
    .map(({ name }) =>
      found(
        name,
        carriersIn(state, name).map((link) => shownAs(state, link.name)),
      ),
    );
  const switched = [...state.switches.values()]
    .filter(({ madeFor }) => madeFor === undefined)
    .flatMap(({ name, ports }) => {
      const devices = ports
        .filter(({ internal }) => !internal)
        .flatMap(({ interfaces }) => interfaces)
        .filter((device) => state.links.get(device)?.kind !== 'tun');
      return [name, ...ports.filter(({ fakeBridge }) => fakeBridge).map((port) => port.name)].map((one) => found(one, devices));
    });
  return [...kernel, ...switched];
}

/**
 * Makes a bridge with a device in it or none. Addresses and routes of the device go to the bridge, so that the host can be
 * reached as before. A bridge that somebody else made is used as it is, or refused when the device is not in it.
 */
export async function ensureBridge(
  context: NetworkContext,
  bridge: string,
  device: string | undefined,
  mtu: number,
): Promise<void> {
  const { ip, kept, guard } = context;
  assertDeviceName(bridge);
  const recent = await ip.recent();
  if (device !== undefined) existing(recent, device);
  const stayDown = device !== undefined && kept.current.down.has(device);
  if (!isAsWanted(recent, bridge, device, mtu, stayDown)) {
    const state = await ip.read();
    const port = device === undefined ? undefined : portOf(state, existing(state, device).name);
    if (exists(state, bridge) && !state.isOurs(bridge)) return useForeign(state, bridge, device, port);
    await guard.run(state, { device: device ?? bridge, ...bridgeChange(context, state, bridge, port, mtu, stayDown) });
  }
  if ((await ip.recent()).isOurs(bridge))
    await kept.change(({ bridges }) => bridges.set(bridge, { device: device ?? null, mtu }));
}

function exists(state: NetworkState, bridge: string): boolean {
  const switched = [...state.switches.values()].some(({ ports }) =>
    ports.some((port) => port.fakeBridge && port.name === bridge),
  );
  return switched || state.switches.has(bridge) || state.links.has(bridge);
}

function isAsWanted(state: NetworkState, bridge: string, device: string | undefined, mtu: number, down: boolean): boolean {
  const link = state.links.get(bridge);
  if (link?.kind !== 'bridge' || !state.isOurs(bridge) || !link.up || link.mtu !== mtu) return false;
  const port = device === undefined ? undefined : portOf(state, device);
  const inside = carriersIn(state, bridge);
  if (inside.length !== (port === undefined ? 0 : 1)) return false;
  return inside.every((one) => one.name === port && one.mtu === mtu && (one.up || down));
}

function useForeign(state: NetworkState, bridge: string, device: string | undefined, port: string | undefined): void {
  const isBridge = state.links.get(bridge)?.kind === 'bridge' || state.switches.get(bridge)?.madeFor === undefined;
  if (!isBridge || (state.links.has(bridge) && state.links.get(bridge)?.kind !== 'bridge' && !isSwitch(state, bridge)))
    throw new ApiError('PIF_CONFIGURATION_ERROR', device ?? bridge, `${bridge} is there and is no bridge`);
  const inside = port === undefined || state.bridgeOf(port) === bridge || state.switchOver(port)?.name === bridge;
  if (!inside)
    throw new ApiError('PIF_CONFIGURATION_ERROR', device ?? bridge, `${bridge} was not set up here, and ${device} is not in it`);
}

function isSwitch(state: NetworkState, bridge: string): boolean {
  return state.switches.has(bridge) || state.switchOf(bridge) !== undefined;
}

function bridgeChange(
  { ip, switches }: NetworkContext,
  state: NetworkState,
  bridge: string,
  port: string | undefined,
  mtu: number,
  stayDown: boolean,
): { touches: readonly string[]; make: () => Promise<void> } {
  const link = port === undefined ? undefined : state.links.get(port);
  const leaving = carriersIn(state, bridge).filter(({ name }) => name !== port);
  // The addresses are those of the device that leaves.
  const back = leaving[0] && moveAddresses(state, bridge, leaving[0].name);
  const placed = link && release(state, link.name, bridge);
  const isNew = !state.links.has(bridge);
  const address = link === undefined ? '' : ` address ${link.mac}`;
  const lines = [
    // Its port carries packets at once: loops are not looked for, as in the original.
    ...(isNew
      ? [`link add name ${bridge}${address} mtu ${mtu} type bridge forward_delay 0`, `link set dev ${bridge} alias ${OURS}`]
      : [`link set dev ${bridge}${address}`].filter(() => address !== '')),
    ...(back?.take ?? []),
    ...leaving.map(({ name }) => `link set dev ${name} nomaster`),
    ...(back?.give ?? []),
    ...(placed?.take ?? []),
    ...(link && link.mtu !== mtu && state.switchOf(link.name) === undefined ? [`link set dev ${link.name} mtu ${mtu}`] : []),
    ...(link ? [`link set dev ${link.name} master ${bridge}`] : []),
    ...(link && !stayDown ? [`link set dev ${link.name} up`] : []),
    // After its ports: until then theirs bounds its own.
    `link set dev ${bridge} mtu ${mtu} up`,
    ...(placed?.give ?? []),
  ];
  return {
    touches: [bridge, ...leaving.map(({ name }) => name), ...(placed?.touches ?? [])],
    make: async () => {
      if (link && link.mtu !== mtu && state.switchOf(link.name) !== undefined) await switches.setMtu(link.name, mtu);
      await ip.apply(lines);
    },
  };
}

/** Removes a bridge that was made here; its device has its addresses from then on. One of somebody else's stays. */
export async function removeBridge({ ip, guard, kept }: NetworkContext, bridge: string): Promise<void> {
  const state = await ip.read();
  if (state.links.get(bridge)?.kind === 'bridge' && state.isOurs(bridge)) {
    const devices = carriersIn(state, bridge).map(({ name }) => name);
    const [first] = devices;
    const remove = async (): Promise<void> => ip.apply([`link delete dev ${bridge}`]);
    if (first === undefined) {
      await guard.run(state, { device: bridge, touches: [bridge], make: remove });
    } else {
      const move = moveAddresses(state, bridge, first);
      const lines = [...move.take, ...devices.map((name) => `link set dev ${name} nomaster`), ...move.give];
      await guard.run(state, { device: bridge, touches: [bridge, ...devices], make: () => ip.apply(lines), finish: remove });
    }
  }
  await kept.change(({ bridges }) => bridges.delete(bridge));
}
