import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { bringPifDown, bringPifUp, isBondMember } from './bring-up.js';
import { assertManaged, assertNotManagement, assertNoVifsInUse, assertUnprotected } from './pif-checks.js';
import { pifKind } from './pif-kind.js';

/**
 * Brings an interface up with what it is built on, as PIF.plug. The caller has the host to itself. Rejects with
 * PIF_UNMANAGED, CANNOT_PLUG_BOND_SLAVE, TRANSPORT_PIF_NOT_CONFIGURED and what the host refuses.
 */
export async function plugPif(api: Api, ref: Ref<'PIF'>): Promise<void> {
  const { db } = api;
  assertManaged(db, ref);
  const pif = db.get('PIF', ref);
  const kind = pifKind(pif);
  if (kind.kind === 'tunnel') {
    const { transport_PIF: transport } = db.get('tunnel', kind.tunnel);
    if (db.get('PIF', transport).ip_configuration_mode === 'None') throw new ApiError('TRANSPORT_PIF_NOT_CONFIGURED', transport);
    await plugPif(api, transport);
  } else if (kind.kind === 'vlan') {
    const { tagged_PIF: tagged } = db.get('VLAN', kind.vlan);
    if (db.get('PIF', tagged).sriov_logical_PIF_of.length) await plugPif(api, tagged);
  } else if (kind.kind === 'sriov') {
    await plugPif(api, db.get('network_sriov', kind.sriov).physical_PIF);
  } else if (isBondMember(pif)) {
    if (!pif.sriov_physical_PIF_of.length) throw new ApiError('CANNOT_PLUG_BOND_SLAVE', ref);
    await plugPif(api, db.get('Bond', pif.bond_slave_of).master);
  }
  if (!isBondMember(pif)) await bringPifUp(api, ref);
}

/**
 * Takes an interface down with what is built on it, as PIF.unplug. The caller has the host to itself. Rejects with
 * PIF_UNMANAGED, HA_IS_ENABLED, PIF_IS_MANAGEMENT_INTERFACE, VIF_IN_USE, PIF_DOES_NOT_ALLOW_UNPLUG and what the host refuses.
 */
export async function unplugPif(api: Api, ref: Ref<'PIF'>): Promise<void> {
  const { db } = api;
  assertManaged(db, ref);
  assertUnprotected(db, ref);
  assertNotManagement(db, ref);
  const pif = db.get('PIF', ref);
  assertNoVifsInUse(db, pif.network, pif.host);
  if (pif.disallow_unplug) throw new ApiError('PIF_DOES_NOT_ALLOW_UNPLUG', ref);
  for (const upper of builtOn(api, ref)) await unplugPif(api, upper);
  if (!isBondMember(pif)) await bringPifDown(api, ref);
}

/** What cannot go on without the interface. VLANs on bridges can: they wait for it to come back. */
function builtOn({ db }: Api, ref: Ref<'PIF'>): Ref<'PIF'>[] {
  const pif = db.get('PIF', ref);
  const kind = pifKind(pif);
  const upper = pif.tunnel_transport_PIF_of.map((tunnel) => db.get('tunnel', tunnel).access_PIF);
  if (kind.kind === 'bond')
    upper.push(...db.get('Bond', kind.bond).slaves.filter((slave) => db.get('PIF', slave).sriov_physical_PIF_of.length > 0));
  if (kind.kind === 'sriov') upper.push(...pif.VLAN_slave_of.map((vlan) => db.get('VLAN', vlan).untagged_PIF));
  if (kind.kind === 'physical')
    upper.push(...pif.sriov_physical_PIF_of.map((sriov) => db.get('network_sriov', sriov).logical_PIF));
  return upper;
}
