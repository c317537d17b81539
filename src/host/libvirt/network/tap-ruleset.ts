import type { NicSpec } from '../../compute.js';
import { type AddressRange, addressRanges, addressText, joinRanges, linkLocalAddress } from './address-ranges.js';

/** The table that holds the rules of all cards of guests, and nothing else. */
export const TABLE = 'netdev xenapi';

/** Kilobytes that a card may send at once beyond its rate: two of the large packets that guests hand over in one piece. */
const BURST = 128;

/** Largest rate that is a limit, in kilobytes per second: four times the fastest card. */
const HIGHEST_RATE = 200_000_000;

/** Kilobytes per second that a card may send; undefined for no limit. What is no rate limits nothing, as in the original. */
export function rateOf({ qos }: Pick<NicSpec, 'qos'>): number | undefined {
  const text = qos.get('kbps') ?? '';
  const rate = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return rate > 0 && rate <= HIGHEST_RATE ? rate : undefined;
}

/** Chains of a tap device: what its guest sends, what it receives, and how fast it may send. */
function chains(tap: string): { readonly sends: string; readonly receives: string; readonly rate: string } {
  return { sends: `in-${tap}`, receives: `out-${tap}`, rate: `rate-${tap}` };
}

/** The tap device whose chain has that name. */
export function tapOfChain(chain: string): string | undefined {
  return /^(?:in|out|rate)-(.+)$/.exec(chain)?.[1];
}

/**
 * Commands that remove all rules of a tap device, whether it has any or not and whether it is there or not. The kernel removes
 * chains of devices that go, or does not, and then uses them again for the next device of that name.
 */
export function dropTap(tap: string): string[] {
  const { sends, receives, rate } = chains(tap);
  const all = [sends, receives, rate];
  return [
    `add table ${TABLE}`,
    ...all.map((chain) => `add chain ${TABLE} ${chain}`),
    ...all.map((chain) => `flush chain ${TABLE} ${chain}`),
    ...all.map((chain) => `delete chain ${TABLE} ${chain}`),
  ];
}

/** Commands that make the rules of a tap device for a card. */
export function addTap(tap: string, nic: NicSpec): string[] {
  const { sends, receives, rate } = chains(tap);
  const limit = rateOf(nic);
  const base = (chain: string, hook: 'ingress' | 'egress'): string =>
    `add chain ${TABLE} ${chain} { type filter hook ${hook} device "${tap}" priority 0; policy accept; }`;
  const rule = (text: string): string => `add rule ${TABLE} ${sends} ${text}`;
  if (nic.locking.mode === 'disabled')
    return [base(sends, 'ingress'), rule('drop'), base(receives, 'egress'), `add rule ${TABLE} ${receives} drop`];
  const pass = limit === undefined ? 'accept' : `goto ${rate}`;
  return [
    ...(limit === undefined
      ? []
      : [
          `add chain ${TABLE} ${rate}`,
          `add rule ${TABLE} ${rate} limit rate over ${limit} kbytes/second burst ${BURST} kbytes drop`,
        ]),
    base(sends, 'ingress'),
    ...(nic.locking.mode === 'locked' ? lockedRules(nic, pass) : [pass]).map(rule),
  ];
}

/**
 * What a locked card may send: packets from its own hardware address and its own addresses, and what it takes to use those: ARP,
 * neighbour discovery, DHCP. Frames with a VLAN tag are none of these.
 */
function lockedRules({ mac, locking }: NicSpec, pass: string): string[] {
  const ipv4 = addressRanges(4, locking.ipv4);
  const ipv6 = addressRanges(6, locking.ipv6);
  return [
    `ether saddr != ${mac} drop`,
    ...(ipv4.length === 0 ? [] : ipv4Rules(mac, ipv4, pass)),
    ...(ipv6.length === 0 ? [] : ipv6Rules(mac, ipv6, pass)),
    'drop',
  ];
}

function ipv4Rules(mac: string, allowed: readonly AddressRange[], pass: string): string[] {
  return [
    // A card asks whether an address is free before it has one.
    `ether type arp arp saddr ether ${mac} arp saddr ip ${setOf(4, [...allowed, single(0n)])} ${pass}`,
    `ether type ip ip saddr ${setOf(4, allowed)} ${pass}`,
    `ether type ip ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 ${pass}`,
  ];
}

function ipv6Rules(mac: string, given: readonly AddressRange[], pass: string): string[] {
  const allowed = [...given, single(linkLocalAddress(mac))];
  const from = `ip6 saddr ${setOf(6, allowed)}`;
  // The address that a message is about lies behind eight bytes of its header.
  const about = `@th,64,128 ${numbers(allowed)}`;
  return [
    // Guests are no routers, whatever address they say so from.
    'ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop',
    `ether type ip6 ${from} icmpv6 type nd-neighbor-advert ${about} ${pass}`,
    'ether type ip6 icmpv6 type nd-neighbor-advert drop',
    `ether type ip6 ${from} ${pass}`,
    // A card asks whether an address is free, and listens for the answer, before it has one.
    `ether type ip6 ip6 saddr :: icmpv6 type nd-neighbor-solicit ${about} ${pass}`,
    `ether type ip6 ip6 saddr :: icmpv6 type mld2-listener-report ${pass}`,
  ];
}

function single(address: bigint): AddressRange {
  return { low: address, high: address };
}

function setOf(family: 4 | 6, ranges: readonly AddressRange[]): string {
  return setText(ranges, (address) => addressText(family, address));
}

/** A set of addresses where nftables takes numbers only. */
function numbers(ranges: readonly AddressRange[]): string {
  return setText(ranges, (address) => `0x${address.toString(16).padStart(32, '0')}`);
}

function setText(ranges: readonly AddressRange[], text: (address: bigint) => string): string {
  const elements = joinRanges(ranges).map(({ low, high }) => (low === high ? text(low) : `${text(low)}-${text(high)}`));
  return `{ ${elements.join(', ')} }`;
}
