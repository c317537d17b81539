import { ApiError } from '../../../model/error.js';
import type { BondSpec } from '../../network.js';
import { addRoute, moveAddresses, ownRoutes } from './address-moves.js';
import { kernelBond } from './bond-options.js';
import type { NetworkContext } from './context.js';
import { type NetworkState, OURS } from './network-state.js';
import { release } from './ports.js';
import { assertDeviceName, existing, isUnsupported } from './refusal.js';
import { changeSwitchedBond, makeSwitchedBond, memberPorts, removeSwitchedBond } from './switched-bonds.js';
import { hasVlans } from './vlans.js';

/** Devices that a bond has now. */
export function bondMembers(state: NetworkState, bond: string): string[] {
  const inSwitch = memberPorts(state, bond).flatMap(({ interfaces }) => interfaces);
  return [...state.members(bond).map(({ name }) => name), ...inSwitch];
}

/**
 * Joins cards into a bond: the kernel's or, where the kernel has none, one of Open vSwitch. It has their addresses. Rejects
 * with DUPLICATE_PIF_DEVICE_NAME, PIF_BOND_NEEDS_MORE_MEMBERS, PIF_DEVICE_NOT_FOUND, PIF_ALREADY_BONDED and PIF_CONFIGURATION_ERROR.
 */
export async function createBond(context: NetworkContext, bond: BondSpec): Promise<void> {
  const { ip, kept, guard, switches } = context;
  assertDeviceName(bond.device);
  await withoutAutomaticBond(context);
  const state = await ip.read();
  if (state.links.has(bond.device)) throw new ApiError('DUPLICATE_PIF_DEVICE_NAME', bond.device);
  checkMembers(state, bond);
  const freed = bond.slaves.map((slave) => release(state, slave, bond.device));
  const touches = [bond.device, ...freed.flatMap((one) => one.touches)];
  const lines = [
    `link set dev ${bond.device} alias ${OURS}`,
    ...addressLine(bond),
    ...freed.flatMap(({ take }) => take),
    ...joinLines(bond),
    `link set dev ${bond.device} up`,
    ...freed.flatMap(({ give }) => give),
  ];
  let switched = false;
  await guard.run(state, {
    device: bond.device,
    touches,
    make: async () => {
      try {
        await ip.apply([`link add name ${bond.device} type bond ${kernelBond(bond)}`]);
      } catch (thrown) {
        if (!isUnsupported(thrown) || !(await switches.runs())) throw thrown;
        switched = true;
        return makeSwitchedBond(context, state, bond, freed);
      }
      await ip.apply(lines);
    },
    undo: async () => {
      if (switched) await switches.remove(bond.device);
    },
  });
  await kept.change(({ bonds }) => bonds.set(bond.device, bond));
}

/** The kernel's module makes a bond by itself when it is loaded, unless it is told not to; its name would be taken then. */
async function withoutAutomaticBond({ commands }: NetworkContext): Promise<void> {
  // A kernel without modules, or without this one, says so when the bond is made.
  await commands.run('modprobe', ['--quiet', 'bonding', 'max_bonds=0']).catch(() => undefined);
}

function checkMembers(state: NetworkState, { device, slaves }: BondSpec): void {
  if (slaves.length === 0) throw new ApiError('PIF_BOND_NEEDS_MORE_MEMBERS');
  for (const slave of slaves) {
    existing(state, slave);
    const other = state.bondOf(slave);
    if (other !== undefined && other !== device) throw new ApiError('PIF_ALREADY_BONDED', slave);
  }
}

function addressLine({ device, mac }: BondSpec): string[] {
  if (mac === '') return [];
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) throw new ApiError('MAC_INVALID', mac);
  return [`link set dev ${device} address ${mac}`];
}

/** A bond takes only members that are down, and brings them up itself. */
function joinLines({ device, slaves }: Pick<BondSpec, 'device' | 'slaves'>): string[] {
  return slaves.flatMap((slave) => [`link set dev ${slave} down`, `link set dev ${slave} master ${device}`]);
}

/** Gives a bond other members or settings. Rejects as `createBond`, and for a bond of somebody else that is to change. */
export async function changeBond(context: NetworkContext, bond: BondSpec): Promise<void> {
  const { ip, kept, guard } = context;
  const state = await ip.read();
  const members = bondMembers(state, bond.device);
  if (!isBond(state, bond.device)) throw new ApiError('PIF_DEVICE_NOT_FOUND');
  checkMembers(state, bond);
  const same = members.length === bond.slaves.length && members.every((member) => bond.slaves.includes(member));
  const before = kept.current.bonds.get(bond.device);
  if (same && (before === undefined || settingsOf(before) === settingsOf(bond))) return;
  if (!state.isOurs(bond.device))
    throw new ApiError('PIF_CONFIGURATION_ERROR', bond.device, `${bond.device} was not set up here`);
  const leaving = members.filter((member) => !bond.slaves.includes(member));
  const freed = bond.slaves.filter((slave) => !members.includes(slave)).map((slave) => release(state, slave, bond.device));
  const touches = [bond.device, ...members, ...freed.flatMap((one) => one.touches)];
  if (state.switches.has(bond.device)) await changeSwitchedBond(context, state, bond, freed, touches);
  else {
    const own = moveAddresses(state, bond.device, bond.device);
    const lines = [
      ...freed.flatMap(({ take }) => take),
      ...own.take,
      ...members.map((member) => `link set dev ${member} nomaster`),
      `link set dev ${bond.device} down`,
      `link set dev ${bond.device} type bond ${kernelBond(bond)}`,
      ...addressLine(bond),
      ...joinLines(bond),
      `link set dev ${bond.device} up`,
      ...leaving.map((member) => `link set dev ${member} up`),
      ...own.give,
      ...freed.flatMap(({ give }) => give),
      // Those of what stands on it went when it was down.
      ...routesAbove(state, bond.device),
    ];
    await guard.run(state, { device: bond.device, touches, make: () => ip.apply(lines) });
  }
  await kept.change(({ bonds }) => bonds.set(bond.device, bond));
}

function routesAbove(state: NetworkState, bond: string): string[] {
  const above = [...state.links.values()].filter(({ lower }) => lower === bond);
  return above.flatMap(({ name }) => ownRoutes(state, name).map((route) => addRoute(name, route)));
}

function settingsOf({ mode, mac, slaves, properties }: BondSpec): string {
  return JSON.stringify([mode, mac, slaves, [...properties].sort()]);
}

function isBond(state: NetworkState, device: string): boolean {
  return state.links.get(device)?.kind === 'bond' || state.switches.get(device)?.madeFor === device;
}

/**
 * Takes a bond apart; its first member has its addresses from then on. Rejects with PIF_DEVICE_NOT_FOUND,
 * PIF_VLAN_STILL_EXISTS, PIF_TUNNEL_STILL_EXISTS and PIF_CONFIGURATION_ERROR.
 */
export async function removeBond(context: NetworkContext, device: string): Promise<void> {
  const { ip, kept, guard } = context;
  const state = await ip.read();
  if (!isBond(state, device)) throw new ApiError('PIF_DEVICE_NOT_FOUND');
  if (hasVlans(state, device)) throw new ApiError('PIF_VLAN_STILL_EXISTS', device);
  const tunnel = [...kept.current.tunnels.values()].some((one) => one.device === device);
  if (tunnel) throw new ApiError('PIF_TUNNEL_STILL_EXISTS', device);
  if (!state.isOurs(device)) throw new ApiError('PIF_CONFIGURATION_ERROR', device, `${device} was not set up here`);
  const members = bondMembers(state, device);
  // The one that gave the bond its addresses, where that is known.
  const first = kept.current.bonds.get(device)?.slaves.find((slave) => members.includes(slave)) ?? members[0];
  const move = first === undefined ? { take: [], give: [] } : moveAddresses(state, device, first);
  if (state.switches.has(device)) await removeSwitchedBond(context, state, device, members, move);
  else
    await guard.run(state, {
      device,
      touches: [device, ...members],
      make: () =>
        ip.apply([
          ...move.take,
          ...members.flatMap((member) => [`link set dev ${member} nomaster`, `link set dev ${member} up`]),
          ...move.give,
        ]),
      finish: () => ip.apply([`link delete dev ${device}`]),
    });
  await kept.forget(device);
}
