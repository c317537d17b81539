import { hash32 } from '../random.js';

/** What an emulated DHCP server gives. */
export interface Lease {
  readonly address: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly dns: string;
}

/** First host number in a subnet that is given to hosts; guests come from `FIRST_GUEST` on. */
const FIRST_HOST = 10;
const HOSTS_PER_SUBNET = 200;

/**
 * Addresses of hosts: subnet 10.N.0.0/16 belongs to the card ethN, the others are spread over the upper half. The host's
 * number in the pool is its number in the subnet, so that it keeps its address.
 */
export function hostLease(device: string, host: number): Lease {
  const subnet = subnetOf(device);
  const third = Math.floor(host / HOSTS_PER_SUBNET);
  return {
    address: `10.${subnet}.${third}.${FIRST_HOST + (host % HOSTS_PER_SUBNET)}`,
    netmask: '255.255.0.0',
    gateway: `10.${subnet}.0.1`,
    dns: `10.${subnet}.0.1`,
  };
}

/** Addresses of guests by the MAC address of their card: the same every time, in the subnet of the bridge's card. */
export function guestAddress(bridge: string, mac: string): string {
  const number = hash32(mac.toLowerCase());
  return `10.${subnetOf(bridge)}.${64 + ((number >>> 8) % 192)}.${1 + (number % 254)}`;
}

/** The link-local or, with a prefix, the autoconfigured IPv6 address that follows from a MAC address. */
export function macAddress6(mac: string, prefix = 'fe80::'): string {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, (0xfe << 8) | d, (e << 8) | f];
  return prefix + words.map((word) => word.toString(16)).join(':');
}

/** A MAC address in the locally administered range from a text: the same text gives the same address. */
export function derivedMac(text: string): string {
  const low = hash32(text);
  const high = hash32(`${text}/high`) & 0xff;
  const bytes = [0x02, high, low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function subnetOf(device: string): number {
  const card = /^(?:eth|xenbr)(\d{1,2})$/.exec(device)?.[1];
  return card === undefined ? 128 + (hash32(device) % 127) : Number(card);
}
