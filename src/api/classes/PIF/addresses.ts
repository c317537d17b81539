import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Handler } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { assertAddress, assertCidr, serversOf } from '../../network/address-checks.js';
import { bringPifUp } from '../../network/bring-up.js';
import { exclusively } from '../../network/exclusive.js';
import { manageOver } from '../../network/management.js';
import { assertManaged, assertNotClustered, assertUnprotected } from '../../network/pif-checks.js';

/** PIF.reconfigure_ip: an interface that is up gets its new address at once. */
export const reconfigureIp: Handler<'PIF', 'reconfigure_ip'> = ({ api }, self, mode, IP, netmask, gateway, dns) => {
  const { db } = api;
  assertManaged(db, self);
  const before = db.get('PIF', self);
  const onlyDns =
    mode === 'Static' &&
    before.ip_configuration_mode === mode &&
    before.IP === IP &&
    before.netmask === netmask &&
    before.gateway === gateway;
  if (!onlyDns) assertMayChange(api, self);
  for (const [parameter, value] of [
    ['IP', IP],
    ['netmask', netmask],
  ] as const)
    if (mode === 'Static' || value !== '') assertAddress('IPv4', parameter, value);
  if (gateway !== '') assertAddress('IPv4', 'gateway', gateway);
  if (before.management && mode === 'None' && before.primary_address_type === 'IPv4')
    throw new ApiError('PIF_IS_MANAGEMENT_INTERFACE', self);
  const DNS = [...serversOf('IPv4', dns), ...serversOf('IPv6', before.DNS)].join(',');
  return apply(api, self, { ip_configuration_mode: mode, IP, netmask, gateway, DNS });
};

/** PIF.reconfigure_ipv6 */
export const reconfigureIpv6: Handler<'PIF', 'reconfigure_ipv6'> = ({ api }, self, mode, address, gateway, dns) => {
  const { db } = api;
  assertManaged(db, self);
  const before = db.get('PIF', self);
  const onlyDns =
    mode === 'Static' &&
    before.ipv6_configuration_mode === mode &&
    before.IPv6.length === 1 &&
    before.IPv6[0] === address &&
    before.ipv6_gateway === gateway;
  if (!onlyDns) assertMayChange(api, self);
  if (gateway !== '') assertAddress('IPv6', 'gateway', gateway);
  if (address !== '' || mode === 'Static') assertCidr('IPv6', 'IPv6', address);
  if (before.management && mode === 'None' && before.primary_address_type === 'IPv6')
    throw new ApiError('PIF_IS_MANAGEMENT_INTERFACE', self);
  const DNS = [...serversOf('IPv6', dns), ...serversOf('IPv4', before.DNS)].join(',');
  return apply(api, self, { ipv6_configuration_mode: mode, IPv6: [address], ipv6_gateway: gateway, DNS });
};

/** PIF.set_primary_address_type: not for the interface over which the host is managed. */
export const setPrimaryAddressType: Handler<'PIF', 'set_primary_address_type'> = ({ api: { db } }, self, type) => {
  assertUnprotected(db, self);
  if (db.get('PIF', self).management) throw new ApiError('PIF_IS_MANAGEMENT_INTERFACE', self);
  db.set('PIF', self, { primary_address_type: type });
};

function assertMayChange({ db }: Call['api'], self: Ref<'PIF'>): void {
  assertUnprotected(db, self);
  assertNotClustered(db, self);
}

/** Writes the settings and gives them to the host. Where the host refuses them, the former ones hold again. */
function apply(api: Call['api'], self: Ref<'PIF'>, patch: Partial<Fields<'PIF'>>): Promise<void> {
  const { db } = api;
  return exclusively(api, db.get('PIF', self).host, async () => {
    const before = db.get('PIF', self);
    db.set('PIF', self, patch);
    if (!before.currently_attached) return;
    try {
      await bringPifUp(api, self);
    } catch (thrown) {
      db.set('PIF', self, Object.fromEntries(Object.keys(patch).map((name) => [name, before[name as keyof typeof before]])));
      throw thrown;
    }
    if (before.management) manageOver(api, self);
  });
}
