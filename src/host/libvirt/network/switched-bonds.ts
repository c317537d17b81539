import type { BondSpec } from '../../network.js';
import type { Move } from './address-moves.js';
import { switchedBond } from './bond-options.js';
import type { NetworkContext } from './context.js';
import { type NetworkState, OURS } from './network-state.js';
import { hardwareAddress } from './open-vswitch.js';
import type { OvsPort } from './open-vswitch-state.js';
import type { Release } from './ports.js';

/** Joins cards into a bond that is a switch of its own, whose device has the bond's name. */
export async function makeSwitchedBond(
  { ip, switches }: NetworkContext,
  state: NetworkState,
  bond: BondSpec,
  freed: readonly Release[],
): Promise<void> {
  const { device, slaves } = bond;
  const mac = bond.mac || (state.links.get(slaves[0] ?? '')?.mac ?? '');
  await ip.apply([...freed.flatMap(({ take }) => take), ...slaves.map((slave) => `link set dev ${slave} up`)]);
  await switches.add(device, device, mac, [addMembers(bond)]);
  await ip.apply([`link set dev ${device} alias ${OURS}`, `link set dev ${device} up`, ...freed.flatMap(({ give }) => give)]);
}

/** Gives the bond other members or settings, in one change. */
export async function changeSwitchedBond(
  { ip, switches, guard, kept }: NetworkContext,
  state: NetworkState,
  bond: BondSpec,
  freed: readonly Release[],
  touches: readonly string[],
): Promise<void> {
  const { device, slaves, mac } = bond;
  const before = kept.current.bonds.get(device);
  const address = (by: string): string[][] => (by === '' ? [] : [['set', 'bridge', device, hardwareAddress(by)]]);
  await guard.run(state, {
    device,
    touches,
    make: async () => {
      await ip.apply([...freed.flatMap(({ take }) => take), ...slaves.map((slave) => `link set dev ${slave} up`)]);
      await switches.change(...removeMembers(state, device), ...address(mac), addMembers(bond));
      await switches.assertWorks(device);
      await ip.apply(freed.flatMap(({ give }) => give));
    },
    undo: async () => {
      if (before === undefined) return;
      await switches.change(...removeMembers(await ip.read(), device), ...address(before.mac), addMembers(before));
    },
  });
}

/** Frees the members of a bond and gives the first one its addresses. */
export async function removeSwitchedBond(
  { ip, switches, guard, kept }: NetworkContext,
  state: NetworkState,
  device: string,
  members: readonly string[],
  move: Move,
): Promise<void> {
  const before = kept.current.bonds.get(device);
  await guard.run(state, {
    device,
    touches: [device, ...members],
    make: async () => {
      await switches.change(...removeMembers(state, device));
      await ip.apply([...move.take, ...move.give]);
    },
    ...(before && { undo: async () => void (await switches.change(addMembers(before))) }),
    finish: () => switches.remove(device),
  });
  ip.changed();
}

/** Open vSwitch bonds two interfaces or more; a bond that has one is a plain port. */
function addMembers(bond: BondSpec): string[] {
  const { device, slaves } = bond;
  const [first = '', ...others] = slaves;
  if (others.length === 0) return ['add-port', device, first];
  return ['add-bond', device, `${device}-members`, ...slaves, ...switchedBond(bond)];
}

function removeMembers(state: NetworkState, device: string): string[][] {
  return memberPorts(state, device).map(({ name }) => ['--if-exists', 'del-port', device, name]);
}

/** Ports through which the bond reaches other machines: not its own device, nor those of its VLANs. */
export function memberPorts(state: NetworkState, device: string): readonly OvsPort[] {
  return state.switches.get(device)?.ports.filter(({ internal }) => !internal) ?? [];
}
