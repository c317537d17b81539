import { ApiError } from '../../../model/error.js';
import { moveAddresses } from './address-moves.js';
import { CARRIERS } from './cards.js';
import { findManagement } from './management.js';
import type { Link, NetworkState } from './network-state.js';

/** The device by which another one is put into a bridge: the switch that splits its VLANs, where it has one. */
export function portOf(state: NetworkState, device: string): string {
  const above = state.switchOver(device);
  return above?.madeFor === device ? above.name : device;
}

/** Devices in a bridge by which it reaches other machines: those of guests are left out. */
export function carriersIn(state: NetworkState, bridge: string): readonly Link[] {
  return state.members(bridge).filter((link) => isCarrier(state, link));
}

function isCarrier(state: NetworkState, { name, kind, farEnd }: Link): boolean {
  if (kind === 'veth') return farEnd;
  return kind === '' || CARRIERS.has(kind) || state.switchOf(name) !== undefined;
}

/** Commands that free a device from the bridge that it is in, around those that give it a new place. */
export interface Release {
  readonly touches: readonly string[];
  readonly take: readonly string[];
  readonly give: readonly string[];
}

/**
 * What it takes to put a device somewhere else, where `holder` has its addresses from then on. Throws
 * PIF_CONFIGURATION_ERROR when it is in something that was not made here.
 */
export function release(state: NetworkState, device: string, holder: string): Release {
  const { master } = state.links.get(device) ?? {};
  const foreign = state.switchOver(device);
  const inside = master ?? foreign?.name;
  const bond = state.bondOf(device);
  if (bond !== undefined) throw new ApiError('PIF_CONFIGURATION_ERROR', device, `${device} is in the bond ${bond}`);
  if (inside !== undefined && !state.isOurs(inside))
    throw new ApiError('PIF_CONFIGURATION_ERROR', device, `${device} is in ${inside}, which was not set up here`);
  const bridge = state.bridgeOf(device);
  const from = [device, ...(bridge === undefined || bridge === holder ? [] : [bridge])];
  const moves = from.map((one) => moveAddresses(state, one, holder));
  return {
    touches: [device, holder, ...from],
    take: [
      ...moves.flatMap(({ take }) => take),
      ...(master === undefined || master === holder ? [] : [`link set dev ${device} nomaster`]),
    ],
    give: moves.flatMap(({ give }) => give),
  };
}

/** Throws PIF_CONFIGURATION_ERROR for a device without which the host could not be reached: before it is removed for good. */
export function assertNotManagement(state: NetworkState, device: string, management: string | undefined): void {
  const path = findManagement(state, management)?.path ?? [];
  if (path.includes(device) || path.includes(state.holder(device)))
    throw new ApiError('PIF_CONFIGURATION_ERROR', device, `the host is managed over ${device}`);
}
