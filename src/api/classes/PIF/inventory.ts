import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import { refreshPifs } from '../../inventory/network-records.js';
import { assertMac } from '../../network/address-checks.js';
import { bringPifDown } from '../../network/bring-up.js';
import { exclusively } from '../../network/exclusive.js';
import {
  assertNoSriov,
  assertNoTrunkInNetwork,
  assertNoTunnels,
  assertNotClustered,
  assertNotInBond,
  assertNotManagement,
  assertNoVlans,
  assertUnprotected,
} from '../../network/pif-checks.js';
import { createPif, introduceCard, removePif } from '../../network/pif-records.js';
import { reach } from '../../reach.js';

/** PIF.scan: makes records for cards that have none. Those of cards that are gone stay until somebody forgets them. */
export const scan: Handler<'PIF', 'scan'> = ({ api }, host) => {
  const { db } = api;
  db.get('host', host);
  return exclusively(api, host, async () => {
    const physical = reach(api, host);
    await refreshPifs(db, host, physical);
    const cards = await physical.network.interfaces();
    db.transaction(() => {
      const pifs = db.get('host', host).PIFs.map((ref) => [ref, db.get('PIF', ref)] as const);
      for (const card of cards) {
        const known = pifs.find(([, pif]) => pif.physical && pif.device === card.device);
        if (known) db.set('PIF', known[0], { MAC: card.mac });
        else introduceCard(db, host, card, true);
      }
    });
  });
};

/** PIF.introduce: makes the record of one card. */
export const introduce: Handler<'PIF', 'introduce'> = async ({ api }, host, givenMac, device, managed) => {
  const { db } = api;
  db.get('host', host);
  const cards = await reach(api, host).network.interfaces();
  const card = cards.find((one) => one.device === device);
  const mac = givenMac === '' ? (card?.mac.toLowerCase() ?? '') : givenMac.toLowerCase();
  assertMac(mac);
  const known = db.get('host', host).PIFs.some((ref) => {
    const pif = db.get('PIF', ref);
    return pif.physical && pif.device === device;
  });
  if (known) throw new ApiError('DUPLICATE_PIF_DEVICE_NAME', device);
  if (card?.mac.toLowerCase() !== mac)
    throw new ApiError('COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS', device, mac);
  return introduceCard(db, host, { ...card, mac }, managed);
};

/** PIF.forget: takes a card out of use and removes its record. */
export const forget: Handler<'PIF', 'forget'> = ({ api }, self) => {
  const { db } = api;
  return exclusively(api, db.get('PIF', self).host, async () => {
    assertNotManagement(db, self);
    assertNotInBond(db, self);
    assertNoVlans(db, self);
    assertNoTunnels(db, self);
    assertUnprotected(db, self);
    assertNoSriov(db, self);
    assertNotClustered(db, self);
    if (db.get('PIF', self).managed) await bringPifDown(api, self);
    removePif(db, self);
  });
};

/** PIF.db_introduce and PIF.pool_introduce: makes a record as it is told, and sets nothing up. */
export const recordOnly: Handler<'PIF', 'db_introduce'> = (
  { api: { db } },
  device,
  network,
  host,
  MAC,
  MTU,
  VLAN,
  physical,
  ip_configuration_mode,
  IP,
  netmask,
  gateway,
  DNS,
  _bondSlaveOf,
  VLAN_master_of,
  management,
  other_config,
  disallow_unplug,
  ipv6_configuration_mode,
  IPv6,
  ipv6_gateway,
  primary_address_type,
  managed,
  properties,
): Ref<'PIF'> => {
  if (VLAN !== -1) assertNoTrunkInNetwork(db, network);
  return createPif(db, {
    device,
    device_name: device,
    network,
    host,
    MAC,
    MTU,
    VLAN,
    physical,
    ip_configuration_mode,
    IP,
    netmask,
    gateway,
    DNS,
    VLAN_master_of,
    management,
    other_config,
    disallow_unplug,
    ipv6_configuration_mode,
    IPv6,
    ipv6_gateway,
    primary_address_type,
    managed,
    properties,
  });
};
