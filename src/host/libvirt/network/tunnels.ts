import { createHash } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import type { NetworkContext } from './context.js';
import { type Family, type NetworkState, OURS } from './network-state.js';
import { assertNotManagement } from './ports.js';
import { existing, refusal } from './refusal.js';

/** Bytes that a VXLAN or GRE header takes from the largest packet of the device below. */
const OVERHEAD = { vxlan: 50, gre: 42 } as const;

const VXLAN_PORT = 4789;

/** Bits of the number by which a tunnel is told from others. */
const KEY_BITS = { vxlan: 24, gre: 32 } as const;

/**
 * Makes a tunnel between all hosts that have one with the same key: they find each other by a multicast group of the key.
 * Rejects with PIF_DEVICE_NOT_FOUND, and with PIF_CONFIGURATION_ERROR without a key, or where the kernel has no such tunnels.
 */
export async function createTunnel(
  { ip, kept, guard }: NetworkContext,
  device: string,
  protocol: 'gre' | 'vxlan',
  key: string,
): Promise<string> {
  const state = await ip.read();
  const { mtu } = existing(state, device);
  const refuse = (text: string): ApiError => new ApiError('PIF_CONFIGURATION_ERROR', device, text);
  if (key === '') throw refuse('a tunnel needs a key: hosts with the same one are joined');
  const number = keyNumber(protocol, key);
  const name = freeName(state);
  const below = state.holder(device);
  const [own] = [...state.globalAddresses(below, 4), ...state.globalAddresses(below, 6)];
  const group = multicastGroup(number, own?.family ?? 4);
  if (protocol === 'gre' && own?.family !== 4) throw refuse('a GRE tunnel needs an IPv4 address of its device');
  const type =
    protocol === 'vxlan'
      ? `vxlan id ${number} group ${group} dev ${below} dstport ${VXLAN_PORT} ttl 1`
      : `gretap remote ${group} local ${own?.local} key ${number} dev ${below} ttl 1`;
  await guard.run(state, {
    device,
    touches: [name],
    make: () =>
      ip.apply([
        `link add name ${name} mtu ${mtu - OVERHEAD[protocol]} type ${type}`,
        `link set dev ${name} alias ${OURS}`,
        `link set dev ${name} up`,
      ]),
  });
  await kept.change(({ tunnels }) => tunnels.set(name, { device, protocol, key }));
  return name;
}

/** Removes a tunnel that was made here. Rejects with PIF_DEVICE_NOT_FOUND, and while the host is managed over it. */
export async function removeTunnel({ ip, kept }: NetworkContext, name: string, management: string | undefined): Promise<void> {
  const state = await ip.read();
  const { kind } = existing(state, name);
  if (!state.isOurs(name) || (kind !== 'vxlan' && kind !== 'gretap')) throw new ApiError('PIF_DEVICE_NOT_FOUND');
  assertNotManagement(state, name, management);
  try {
    await ip.apply([`link delete dev ${name}`]);
  } catch (thrown) {
    throw refusal(name, thrown);
  }
  await kept.forget(name);
}

function freeName(state: NetworkState): string {
  let number = 0;
  while (state.links.has(`tunnel${number}`)) number++;
  return `tunnel${number}`;
}

/** A key that is a number is that number; any other text has one that is the same everywhere. */
function keyNumber(protocol: 'gre' | 'vxlan', key: string): number {
  const bits = KEY_BITS[protocol];
  if (/^\d{1,10}$/.test(key) && Number(key) < 2 ** bits) return Number(key);
  return createHash('sha256').update(key).digest().readUInt32BE() >>> (32 - bits);
}

/** Group of a key, out of those that stay within one organisation. Different keys may share one: packets carry the key. */
function multicastGroup(number: number, family: Family): string {
  if (family === 6) return `ff05::1:${(number & 0xffff).toString(16)}`;
  return `239.${192 | ((number >>> 16) & 3)}.${(number >>> 8) & 255}.${number & 255}`;
}
