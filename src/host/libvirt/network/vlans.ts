import { createHash } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import type { NetworkContext } from './context.js';
import { LONGEST_DEVICE_NAME } from './device-name.js';
import { type NetworkState, OURS } from './network-state.js';
import { assertNotManagement } from './ports.js';
import { existing, isUnsupported, refusal } from './refusal.js';
import { addTagged, removeTagged } from './switched-vlans.js';

const HIGHEST_TAG = 4094;

/** The device of a VLAN over another one, whoever made it. */
export function vlanOver(state: NetworkState, device: string, tag: number): string | undefined {
  for (const link of state.links.values())
    if (link.kind === 'vlan' && link.lower === device && link.tag === tag) return link.name;
  return switchedVlans(state, device).find((one) => one.tag === tag)?.name;
}

/** Whether a device carries VLANs. */
export function hasVlans(state: NetworkState, device: string): boolean {
  return (
    [...state.links.values()].some(({ kind, lower }) => kind === 'vlan' && lower === device) ||
    switchedVlans(state, device).length > 0
  );
}

function switchedVlans(state: NetworkState, device: string): { name: string; tag: number }[] {
  return [...state.switches.values()]
    .filter(({ madeFor }) => madeFor === device)
    .flatMap(({ ports }) => ports.flatMap(({ internal, name, tag }) => (internal && tag !== undefined ? [{ name, tag }] : [])));
}

/**
 * Makes a device for a VLAN: the kernel's own or, where the kernel has none, one of Open vSwitch. Rejects with
 * PIF_DEVICE_NOT_FOUND, VLAN_TAG_INVALID, VLAN_IN_USE and PIF_CONFIGURATION_ERROR.
 */
export async function createVlan(context: NetworkContext, device: string, tag: number): Promise<string> {
  const { ip, kept, switches } = context;
  const state = await ip.read();
  const { mtu } = existing(state, device);
  if (!Number.isInteger(tag) || tag < 0 || tag > HIGHEST_TAG) throw new ApiError('VLAN_TAG_INVALID', String(tag));
  const name = vlanName(device, tag);
  if (vlanOver(state, device, tag) !== undefined || state.links.has(name)) throw new ApiError('VLAN_IN_USE', device, String(tag));
  try {
    await ip.apply([
      `link add link ${device} name ${name} mtu ${mtu} type vlan id ${tag}`,
      `link set dev ${name} alias ${OURS}`,
      `link set dev ${device} up`,
      `link set dev ${name} up`,
    ]);
  } catch (thrown) {
    if (isUnsupported(thrown) && (await switches.runs())) await addTagged(context, state, device, tag, name);
    else {
      await ip.attempt([`link delete dev ${name}`]);
      throw refusal(device, thrown);
    }
  }
  await kept.change(({ vlans }) => vlans.set(name, { device, tag }));
  return name;
}

/** Removes the device of a VLAN. Rejects with PIF_DEVICE_NOT_FOUND, and while the host is managed over it. */
export async function removeVlan(context: NetworkContext, device: string, tag: number, management: string | undefined) {
  const { ip, kept } = context;
  const state = await ip.read();
  const name = vlanOver(state, device, tag);
  if (name === undefined) throw new ApiError('PIF_DEVICE_NOT_FOUND');
  assertNotManagement(state, name, management);
  try {
    if (state.links.get(name)?.kind === 'vlan') await ip.apply([`link delete dev ${name}`]);
    else await removeTagged(context, state, device, name);
  } catch (thrown) {
    throw refusal(device, thrown);
  }
  await kept.forget(name);
}

/** `eth1.42`; where that would be too long for the kernel, with something short in the place of the card's name. */
function vlanName(device: string, tag: number): string {
  const name = `${device}.${tag}`;
  if (name.length <= LONGEST_DEVICE_NAME) return name;
  return `vlan${createHash('sha256').update(device).digest('hex').slice(0, 5)}.${tag}`;
}
