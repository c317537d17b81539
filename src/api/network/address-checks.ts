import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ApiError } from '../../model/error.js';

export type AddressFamily = 'IPv4' | 'IPv6';

const PREFIX = /^([^/]+)\/(\d{1,3})$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const LAST_PORT = 65535;

function isAddress(family: AddressFamily, address: string): boolean {
  return family === 'IPv4' ? isIPv4(address) : isIPv6(address);
}

/** Throws INVALID_IP_ADDRESS_SPECIFIED with the parameter's name for text that is no address of the family. */
export function assertAddress(family: AddressFamily, parameter: string, address: string): void {
  if (!isAddress(family, address)) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', parameter);
}

/** Throws INVALID_IP_ADDRESS_SPECIFIED with the parameter's name for text that is no address of either family. */
export function assertAnyAddress(parameter: string, address: string): void {
  if (isIP(address) === 0) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', parameter);
}

/** The address of `address/prefix length`, or undefined for anything else. */
export function addressOfCidr(family: AddressFamily, text: string): string | undefined {
  const [, address = '', length = ''] = PREFIX.exec(text) ?? [];
  return isAddress(family, address) && Number(length) <= (family === 'IPv4' ? 32 : 128) ? address : undefined;
}

/** Throws INVALID_CIDR_ADDRESS_SPECIFIED with the parameter's name for text that is no address with a prefix length. */
export function assertCidr(family: AddressFamily, parameter: string, text: string): void {
  if (addressOfCidr(family, text) === undefined) throw new ApiError('INVALID_CIDR_ADDRESS_SPECIFIED', parameter);
}

/** Throws INVALID_IP_ADDRESS_SPECIFIED for text that is neither an address nor a range `address/prefix length`. */
export function assertAddressOrRange(family: AddressFamily, parameter: string, text: string): void {
  if (addressOfCidr(family, text) === undefined) assertAddress(family, parameter, text);
}

/** Throws MAC_INVALID. Any case, and group addresses too, are taken as the original takes them. */
export function assertMac(mac: string): void {
  if (!MAC.test(mac)) throw new ApiError('MAC_INVALID', mac);
}

/** Throws VALUE_NOT_SUPPORTED for a number that is no TCP or UDP port. */
export function assertPort(parameter: string, port: number): void {
  if (port < 1 || port > LAST_PORT) throw new ApiError('VALUE_NOT_SUPPORTED', parameter, String(port), 'Port out of range');
}

/** The name servers of one family out of a list with commas. */
export function serversOf(family: AddressFamily, list: string): string[] {
  return list.split(',').filter((address) => isAddress(family, address));
}
