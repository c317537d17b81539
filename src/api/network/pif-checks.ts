import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { poolOf } from '../storage/pool-state.js';
import { pifsOnHost } from './pif-kind.js';

/** Throws PIF_UNMANAGED for an interface that somebody else sets up. */
export function assertManaged(db: Database, pif: Ref<'PIF'>): void {
  if (!db.get('PIF', pif).managed) throw new ApiError('PIF_UNMANAGED', pif);
}

/** Throws NETWORK_UNMANAGED for a network that somebody else sets up. */
export function assertNetworkManaged(db: Database, network: Ref<'network'>): void {
  if (!db.get('network', network).managed) throw new ApiError('NETWORK_UNMANAGED', network);
}

/** Throws PIF_IS_MANAGEMENT_INTERFACE: the way to a host is never cut. */
export function assertNotManagement(db: Database, pif: Ref<'PIF'>): void {
  if (db.get('PIF', pif).management) throw new ApiError('PIF_IS_MANAGEMENT_INTERFACE', pif);
}

/** Throws PIF_ALREADY_BONDED for a member of a bond and for what stands for one. */
export function assertNotInBond(db: Database, pif: Ref<'PIF'>): void {
  const { bond_slave_of, bond_master_of } = db.get('PIF', pif);
  if (db.exists('Bond', bond_slave_of) || bond_master_of.length) throw new ApiError('PIF_ALREADY_BONDED', pif);
}

/** Throws PIF_VLAN_STILL_EXISTS for an interface that VLANs are built on. */
export function assertCarriesNoVlans(db: Database, pif: Ref<'PIF'>): void {
  if (db.get('PIF', pif).VLAN_slave_of.length) throw new ApiError('PIF_VLAN_STILL_EXISTS', pif);
}

/** Throws PIF_VLAN_STILL_EXISTS for a VLAN too. */
export function assertNoVlans(db: Database, pif: Ref<'PIF'>): void {
  assertCarriesNoVlans(db, pif);
  if (db.get('PIF', pif).VLAN !== -1) throw new ApiError('PIF_VLAN_STILL_EXISTS', pif);
}

/** Throws PIF_TUNNEL_STILL_EXISTS for either end of a tunnel. */
export function assertNoTunnels(db: Database, pif: Ref<'PIF'>): void {
  const { tunnel_transport_PIF_of, tunnel_access_PIF_of } = db.get('PIF', pif);
  if (tunnel_transport_PIF_of.length || tunnel_access_PIF_of.length) throw new ApiError('PIF_TUNNEL_STILL_EXISTS', pif);
}

/** Throws CANNOT_FORGET_SRIOV_LOGICAL and PIF_SRIOV_STILL_EXISTS. */
export function assertNoSriov(db: Database, pif: Ref<'PIF'>): void {
  const { sriov_logical_PIF_of, sriov_physical_PIF_of } = db.get('PIF', pif);
  if (sriov_logical_PIF_of.length) throw new ApiError('CANNOT_FORGET_SRIOV_LOGICAL', pif);
  if (sriov_physical_PIF_of.length) throw new ApiError('PIF_SRIOV_STILL_EXISTS', pif);
}

/** Throws HA_IS_ENABLED or REDO_LOG_IS_ENABLED for an interface that is up: hosts would take each other for dead. */
export function assertUnprotected(db: Database, pif: Ref<'PIF'>): void {
  if (!db.get('PIF', pif).currently_attached) return;
  const pool = poolOf(db);
  if (pool?.ha_enabled) throw new ApiError('HA_IS_ENABLED');
  if (pool?.redo_log_enabled) throw new ApiError('REDO_LOG_IS_ENABLED');
}

/** Throws CLUSTERING_ENABLED for an interface over which a cluster member talks. */
export function assertNotClustered(db: Database, pif: Ref<'PIF'>): void {
  const [member] = db.filter('Cluster_host', ({ PIF, enabled }) => PIF === pif && enabled);
  if (member) throw new ApiError('CLUSTERING_ENABLED', member[0]);
}

/** Throws PIF_IS_MANAGEMENT_INTERFACE for the interface of a member of the pool over which its master reaches it. */
export function assertNotMembersManagement({ db, pool }: Api, pif: Ref<'PIF'>): void {
  const { host, currently_attached, management } = db.get('PIF', pif);
  if (currently_attached && management && db.get('pool', pool).master !== host)
    throw new ApiError('PIF_IS_MANAGEMENT_INTERFACE', pif);
}

/** Throws NETWORK_ALREADY_CONNECTED when the host is in the network already. */
export function assertNotConnected(db: Database, network: Ref<'network'>, host: Ref<'host'>): void {
  const [other] = pifsOnHost(db, network, host);
  if (other) throw new ApiError('NETWORK_ALREADY_CONNECTED', host, other);
}

/** Throws VIF_IN_USE when a VM that lives on the host uses the network, or is about to. */
export function assertNoVifsInUse(db: Database, network: Ref<'network'>, host: Ref<'host'>): void {
  for (const ref of db.get('network', network).VIFs) {
    const vif = db.find('VIF', ref)?.fields;
    const vm = vif && db.find('VM', vif.VM)?.fields;
    if (!vif || !vm) continue;
    const coming = vm.resident_on === host || vm.scheduled_to_be_resident_on === host;
    const attaching = coming && [...vif.current_operations.values()].includes('attach');
    const live = vm.power_state === 'Running' || vm.power_state === 'Paused';
    if (attaching || (vif.currently_attached && vm.resident_on === host && live)) throw new ApiError('VIF_IN_USE', network, ref);
  }
}

/** Throws NETWORK_INCOMPATIBLE_WITH_TRUNKS when a VLAN leads into the network: a VIF with tags of its own cannot be there. */
export function assertNoVlanInNetwork(db: Database, network: Ref<'network'>): void {
  if (db.get('network', network).PIFs.some((pif) => db.find('PIF', pif)?.fields.VLAN !== -1))
    throw new ApiError('NETWORK_INCOMPATIBLE_WITH_TRUNKS', network);
}

/** Throws NETWORK_INCOMPATIBLE_WITH_TRUNKS when a VIF of the network has tags of its own: no VLAN can be there. */
export function assertNoTrunkInNetwork(db: Database, network: Ref<'network'>): void {
  if (db.get('network', network).VIFs.some((vif) => db.find('VIF', vif)?.fields.trunks.length))
    throw new ApiError('NETWORK_INCOMPATIBLE_WITH_TRUNKS', network);
}

/** Throws CANNOT_PLUG_BOND_SLAVE for a member of a bond. */
export function assertNotBondMember(db: Database, pif: Ref<'PIF'>): void {
  if (!isNullRef(db.get('PIF', pif).bond_slave_of)) throw new ApiError('CANNOT_PLUG_BOND_SLAVE', pif);
}
