import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ApiError } from '../../../model/error.js';
import type { IpConfiguration, Ipv6Configuration } from '../../network.js';

/** Throws INVALID_IP_ADDRESS_SPECIFIED with the name of the setting that is no address. */
export function checkIp({ mode, ip, netmask, gateway, dns }: IpConfiguration): void {
  if (mode === 'Static') {
    if (!isIPv4(ip)) throw wrong('ip');
    if (prefixOf(netmask) === undefined) throw wrong('netmask');
    if (gateway !== '' && !isIPv4(gateway)) throw wrong('gateway');
  }
  checkServers(dns);
}

/** As `checkIp`. */
export function checkIpv6({ mode, addresses, gateway, dns }: Ipv6Configuration): void {
  if (mode === 'Static') {
    for (const address of addresses) {
      const [ip = '', length = '', ...more] = address.split('/');
      if (!isAddress6(ip) || !/^\d{1,3}$/.test(length) || Number(length) > 128 || more.length > 0) throw wrong('IPv6');
    }
    if (gateway !== '' && !isAddress6(gateway)) throw wrong('gateway');
  }
  checkServers(dns);
}

function checkServers(dns: string): void {
  for (const server of serversOf(dns)) if (isIP(server) === 0) throw wrong('DNS');
}

/** The name servers of a list with commas. */
export function serversOf(dns: string): string[] {
  return dns
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
}

/** An address with the name of a device in it is none that could be set. */
function isAddress6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

/** Number of ones at the beginning of a netmask; undefined for what is none. */
export function prefixOf(netmask: string): number | undefined {
  if (!isIPv4(netmask)) return undefined;
  const bits = netmask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

/** The netmask with that number of ones. */
export function netmaskOf(prefix: number): string {
  const bits = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

function wrong(setting: string): ApiError {
  return new ApiError('INVALID_IP_ADDRESS_SPECIFIED', setting);
}
