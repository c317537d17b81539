import { ApiError } from '../../../model/error.js';
import type { BondSpec } from '../../network.js';

/** Milliseconds between two looks of the kernel at the links of a bond's members. */
const LINK_CHECK = 100;

/** Largest aggregation key that the kernel takes for a bond. */
const LARGEST_KEY = 1023;

/** Settings of a bond as `ip` takes them. */
export function kernelBond({ device, mode, properties }: BondSpec): string {
  const check = `miimon ${LINK_CHECK}`;
  switch (mode) {
    case 'active-backup':
      return `mode active-backup ${check}`;
    case 'balance-slb':
      // By source address and VLAN: each sender stays on one link, which needs nothing of the network switch.
      return `mode balance-xor ${check} xmit_hash_policy vlan+srcmac`;
    case 'lacp': {
      const hash = properties.get('hashing_algorithm') === 'src_mac' ? 'vlan+srcmac' : 'layer3+4';
      const rate = properties.get('lacp-time') === 'fast' ? 'fast' : 'slow';
      return `mode 802.3ad ${check} xmit_hash_policy ${hash} lacp_rate ${rate}${aggregationKey(device, properties)}`;
    }
  }
}

function aggregationKey(device: string, properties: BondSpec['properties']): string {
  const text = properties.get('lacp-aggregation-key');
  if (text === undefined) return '';
  const key = Number(text);
  if (!Number.isInteger(key) || key < 0 || key > LARGEST_KEY)
    throw new ApiError('PIF_CONFIGURATION_ERROR', device, `the kernel has no aggregation key ${text}`);
  return ` ad_user_port_key ${key}`;
}

/** Settings of a bond as columns of Open vSwitch's ports. */
export function switchedBond({ device, mode, properties }: BondSpec): string[] {
  if (mode !== 'lacp') return [`bond_mode=${mode}`, 'lacp=off'];
  const key = properties.get('lacp-aggregation-key');
  if (key !== undefined && !/^-?[0-9a-fx]{1,20}$/i.test(key))
    throw new ApiError('PIF_CONFIGURATION_ERROR', device, `no aggregation key is ${key}`);
  return [
    `bond_mode=${properties.get('hashing_algorithm') === 'src_mac' ? 'balance-slb' : 'balance-tcp'}`,
    'lacp=active',
    `other_config:lacp-time=${properties.get('lacp-time') === 'fast' ? 'fast' : 'slow'}`,
    `other_config:lacp-fallback-ab=${properties.get('lacp-fallback-ab') !== 'false'}`,
    ...(key === undefined ? [] : [`other_config:bond-lacp-aggregation-key=${key}`]),
  ];
}
