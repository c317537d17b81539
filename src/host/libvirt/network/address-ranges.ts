import { isIPv4, isIPv6 } from 'node:net';

/** Addresses from one to another, both included, as numbers. */
export interface AddressRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** Numbers of bits in an address. */
const BITS = { 4: 32n, 6: 128n } as const;

/** Addresses and ranges `address/prefix length` of one family. Throws RangeError for text that is neither. */
export function addressRanges(family: 4 | 6, texts: readonly string[]): AddressRange[] {
  return texts.map((text) => rangeOf(family, text));
}

/** Ranges in their order, joined where they touch: nftables takes none that overlap. */
export function joinRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const all = [...ranges].sort((one, other) => (one.low < other.low ? -1 : 1));
  const joined: AddressRange[] = [];
  for (const range of all) {
    const last = joined.at(-1);
    if (last === undefined || range.low > last.high + 1n) joined.push(range);
    else if (range.high > last.high) joined[joined.length - 1] = { low: last.low, high: range.high };
  }
  return joined;
}

function rangeOf(family: 4 | 6, text: string): AddressRange {
  const bits = BITS[family];
  const [address = '', length = String(bits), ...more] = text.split('/');
  const isAddress = family === 4 ? isIPv4(address) : isIPv6(address) && !address.includes('%');
  if (!isAddress || more.length > 0 || !/^\d{1,3}$/.test(length) || BigInt(length) > bits)
    throw new RangeError(`${text} is no address`);
  const host = (1n << (bits - BigInt(length))) - 1n;
  const number = family === 4 ? numberOf4(address) : numberOf6(address);
  return { low: number & ~host, high: number | host };
}

function numberOf4(address: string): bigint {
  return address.split('.').reduce((number, part) => (number << 8n) | BigInt(part), 0n);
}

function numberOf6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':').flatMap(group));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last].reduce((number, part) => (number << 16n) | BigInt(`0x${part}`), 0n);
}

/** The last two groups may be written as an IPv4 address. */
function group(text: string): string[] {
  if (!text.includes('.')) return [text];
  const number = numberOf4(text);
  return [(number >> 16n).toString(16), (number & 0xffffn).toString(16)];
}

/** An address as nftables reads it. */
export function addressText(family: 4 | 6, number: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
  return Array.from({ length: 8 }, (_, i) => ((number >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
}

/** The link-local address that a card gives itself: the one that nobody else can have. */
export function linkLocalAddress(mac: string): bigint {
  const bytes = mac.split(':').map((byte) => BigInt(`0x${byte}`));
  const identifier = [(bytes[0] ?? 0n) ^ 2n, bytes[1], bytes[2], 0xffn, 0xfen, bytes[3], bytes[4], bytes[5]];
  return identifier.reduce<bigint>((number, byte) => (number << 8n) | (byte ?? 0n), 0xfe80n << 48n);
}
