import { createHash } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import { moveAddresses } from './address-moves.js';
import type { NetworkContext } from './context.js';
import { LONGEST_DEVICE_NAME } from './device-name.js';
import { type NetworkState, OURS } from './network-state.js';
import { release } from './ports.js';

/** Adds a device for a VLAN to the switch over a card, which is made if there is none. */
export async function addTagged(
  context: NetworkContext,
  state: NetworkState,
  device: string,
  tag: number,
  name: string,
): Promise<void> {
  const { ip, switches, guard } = context;
  const { mac = '', mtu = 0 } = state.links.get(device) ?? {};
  const port = (switchName: string): string[][] => [
    ['add-port', switchName, name, `tag=${tag}`],
    ['set', 'interface', name, 'type=internal', `mac="${mac}"`, `mtu_request=${mtu}`],
  ];
  const known = [...state.switches.values()].find(({ madeFor }) => madeFor === device);
  const above = known?.name ?? splitterName(device);
  const up = [`link set dev ${name} alias ${OURS}`, `link set dev ${name} up`];
  if (known) {
    const remove = ['--if-exists', 'del-port', above, name];
    await guard.run(state, {
      device,
      touches: [name],
      make: async () => {
        await switches.change(...port(above));
        await switches.assertWorks(above);
        await ip.apply(up);
      },
      undo: async () => void (await switches.change(remove)),
    });
    return;
  }
  if (state.links.has(above)) throw new ApiError('PIF_CONFIGURATION_ERROR', device, `${above} is there already`);
  await guard.run(state, { device, ...splitter(context, state, device, above, port(above), up) });
}

/** The switch takes the place that the card had: its addresses, and its place in a bridge. */
function splitter(
  { ip, switches }: NetworkContext,
  state: NetworkState,
  device: string,
  above: string,
  further: readonly (readonly string[])[],
  up: readonly string[],
) {
  const { mac = '', mtu = 0 } = state.links.get(device) ?? {};
  const bridge = state.bridgeOf(device);
  const free = release(state, device, bridge ?? above);
  return {
    touches: [...free.touches, above],
    make: async () => {
      await ip.apply([
        ...free.take,
        ...(bridge === undefined ? [] : [`link set dev ${device} nomaster`]),
        `link set dev ${device} up`,
      ]);
      await switches.add(above, device, mac, [
        ['add-port', above, device],
        ['set', 'interface', above, `mtu_request=${mtu}`],
        ...further,
      ]);
      await ip.apply([
        `link set dev ${above} alias ${OURS}`,
        ...(bridge === undefined ? [] : [`link set dev ${above} master ${bridge}`]),
        `link set dev ${above} up`,
        ...up,
        ...free.give,
      ]);
    },
    undo: () => switches.remove(above),
  };
}

/** Removes the device of a VLAN, and with the last one of a card the switch over the card. */
export async function removeTagged(context: NetworkContext, state: NetworkState, device: string, name: string): Promise<void> {
  const { ip, switches, guard } = context;
  const above = state.switchOf(name);
  if (above === undefined) throw new ApiError('PIF_DEVICE_NOT_FOUND');
  await switches.change(['del-port', above.name, name]);
  ip.changed();
  const others = above.ports.some((port) => port.tag !== undefined && port.name !== name);
  if (others || above.name === device) return;
  const before = await ip.read();
  const bridge = before.bridgeOf(above.name);
  const move = moveAddresses(before, above.name, device);
  await guard.run(before, {
    device,
    touches: [device, above.name],
    make: async () => {
      await switches.change(['del-port', above.name, device]);
      await ip.apply([
        ...move.take,
        ...(bridge === undefined ? [] : [`link set dev ${above.name} nomaster`, `link set dev ${device} master ${bridge}`]),
        ...move.give,
      ]);
    },
    undo: async () => void (await switches.change(['--may-exist', 'add-port', above.name, device])),
    finish: () => switches.remove(above.name),
  });
  ip.changed();
}

/** Name of the switch over a card, which the kernel takes. */
function splitterName(device: string): string {
  const name = `ovs-${device}`;
  return name.length <= LONGEST_DEVICE_NAME ? name : `ovs-${createHash('sha256').update(device).digest('hex').slice(0, 8)}`;
}
