import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { type Handler, storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import {
  type AddressFamily,
  addressOfCidr,
  assertAddress,
  assertAddressOrRange,
  assertCidr,
} from '../../network/address-checks.js';
import { refreshNic } from '../../network/vif-moves.js';

type AllowedField = 'ipv4_allowed' | 'ipv6_allowed';

const FAMILY: { readonly [F in AllowedField]: AddressFamily } = { ipv4_allowed: 'IPv4', ipv6_allowed: 'IPv6' };

function effectiveMode({ db }: Call['api'], vif: Fields<'VIF'>, mode: Fields<'VIF'>['locking_mode']): string {
  return mode === 'network_default' ? db.get('network', vif.network).default_locking_mode : mode;
}

/** Changes what a card lets through; where the host refuses, the record says again what holds. */
async function change({ api }: Call, self: Ref<'VIF'>, patch: Partial<Fields<'VIF'>>): Promise<void> {
  const { db } = api;
  const { locking_mode, ipv4_allowed, ipv6_allowed } = db.get('VIF', self);
  db.set('VIF', self, patch);
  try {
    await refreshNic(api, self);
  } catch (thrown) {
    if (db.exists('VIF', self)) db.set('VIF', self, { locking_mode, ipv4_allowed, ipv6_allowed });
    throw thrown;
  }
}

/** VIF.set_locking_mode */
export const setLockingMode: Handler<'VIF', 'set_locking_mode'> = (call, self, mode) => {
  const { db } = call.api;
  // A controller that steers the virtual switches sets filters of its own.
  if (effectiveMode(call.api, db.get('VIF', self), mode) === 'locked' && db.table('SDN_controller').rows.size)
    throw new ApiError('OPERATION_NOT_ALLOWED', 'A vswitch controller is active');
  return change(call, self, { locking_mode: mode });
};

/** Replaces the addresses that a locked card may use. */
export function setAllowed(field: AllowedField): Handler<'VIF', 'set_ipv4_allowed'> {
  return (call, self, value) => {
    call.api.db.get('VIF', self);
    for (const address of value) assertAddressOrRange(FAMILY[field], field, address);
    return change(call, self, { [field]: [...new Set(value)] });
  };
}

/** Adds an address that a locked card may use. */
export function addAllowed(field: AllowedField): Handler<'VIF', 'add_ipv4_allowed'> {
  return (call, self, address) => {
    const allowed = call.api.db.get('VIF', self)[field];
    assertAddressOrRange(FAMILY[field], field, address);
    return allowed.includes(address) ? undefined : change(call, self, { [field]: [address, ...allowed] });
  };
}

/** Takes an address from those that a locked card may use. */
export function removeAllowed(field: AllowedField): Handler<'VIF', 'remove_ipv4_allowed'> {
  return (call, self, address) => {
    const allowed = call.api.db.get('VIF', self)[field];
    return change(call, self, { [field]: allowed.filter((other) => other !== address) });
  };
}

function assertGuestSetsAddresses({ db }: Call['api'], vif: Fields<'VIF'>): void {
  const guest = db.find('VM_guest_metrics', db.get('VM', vif.VM).guest_metrics)?.fields;
  if (guest?.other.get('feature-static-ip-setting') !== '1') throw new ApiError('VM_LACKS_FEATURE', vif.VM);
}

function assertStatic(api: Call['api'], vif: Fields<'VIF'>, family: AddressFamily, address: string, gateway: string): void {
  assertCidr(family, 'address', address);
  const allowed = family === 'IPv4' ? vif.ipv4_allowed : vif.ipv6_allowed;
  const locked = effectiveMode(api, vif, vif.locking_mode) === 'locked';
  if (locked && !allowed.includes(addressOfCidr(family, address) ?? ''))
    throw new ApiError('ADDRESS_VIOLATES_LOCKING_CONSTRAINT', address);
  if (gateway !== '') assertAddress(family, 'gateway', gateway);
}

/** VIF.configure_ipv4: kept for a guest's tools to set; hosts have no way to hand it over to them. */
export const configureIpv4: Handler<'VIF', 'configure_ipv4'> = storedOnly(({ api }: Call, self, mode, address, gateway) => {
  const vif = api.db.get('VIF', self);
  if (mode === 'Static') assertStatic(api, vif, 'IPv4', address, gateway);
  assertGuestSetsAddresses(api, vif);
  api.db.set('VIF', self, { ipv4_configuration_mode: mode, ipv4_addresses: [address], ipv4_gateway: gateway });
});

/** VIF.configure_ipv6: kept as the one for IPv4 is. */
export const configureIpv6: Handler<'VIF', 'configure_ipv6'> = storedOnly(({ api }: Call, self, mode, address, gateway) => {
  const vif = api.db.get('VIF', self);
  if (mode === 'Static') assertStatic(api, vif, 'IPv6', address, gateway);
  assertGuestSetsAddresses(api, vif);
  api.db.set('VIF', self, { ipv6_configuration_mode: mode, ipv6_addresses: [address], ipv6_gateway: gateway });
});
