import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { pluggedHosts } from '../storage/placement.js';

/** SRs of the disks of a VM and, while it is suspended, of its memory. */
export function requiredSrs(db: Database, vm: Fields<'VM'>): Ref<'SR'>[] {
  const vdis: string[] = [];
  for (const ref of vm.VBDs) {
    const vbd = db.find('VBD', ref)?.fields;
    if (vbd && !vbd.empty) vdis.push(vbd.VDI);
  }
  if (vm.power_state === 'Suspended' && !isNullRef(vm.suspend_VDI)) vdis.push(vm.suspend_VDI);
  return [...new Set(vdis.map((vdi) => db.get('VDI', vdi).SR))];
}

/** Throws VM_REQUIRES_SR with the first SR of the VM that the host has not attached. */
export function assertSeesSrs(db: Database, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const missing = requiredSrs(db, db.get('VM', vm)).find((sr) => !seesSr(db, sr, host));
  if (missing !== undefined) throw new ApiError('VM_REQUIRES_SR', vm, missing);
}

/** Whether a host has an SR attached. An SR that is gone is seen by nobody. */
export function seesSr(db: Database, sr: string, host: string): boolean {
  return db.exists('SR', sr) && pluggedHosts(db, sr).includes(host as Ref<'host'>);
}

/**
 * Throws VM_REQUIRES_NETWORK with the first network of the VM that the host cannot give it, HOST_CANNOT_ATTACH_NETWORK
 * where the host's part in the network belongs to a bond.
 */
export function assertSeesNetworks(db: Database, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const networks = new Set(db.get('VM', vm).VIFs.map((vif) => db.get('VIF', vif).network));
  for (const network of networks) if (!seesNetwork(db, network, host)) throw new ApiError('VM_REQUIRES_NETWORK', vm, network);
  for (const network of networks)
    for (const pif of pifsOn(db, network, host))
      if (!isNullRef(pif.bond_slave_of)) throw new ApiError('HOST_CANNOT_ATTACH_NETWORK', host, network);
}

function pifsOn(db: Database, network: string, host: string): Fields<'PIF'>[] {
  return db
    .get('network', network)
    .PIFs.map((pif) => db.get('PIF', pif))
    .filter((pif) => pif.host === host);
}

/**
 * Whether a host can reach a network. One without any PIF lives inside a single host: the one where a running VM uses
 * it, or any while none does.
 */
export function seesNetwork(db: Database, ref: string, host: Ref<'host'>): boolean {
  const network = db.find('network', ref)?.fields;
  if (!network) return false;
  if (network.PIFs.length) return pifsOn(db, ref, host).length > 0;
  if (!network.managed || network.other_config.get('assume_network_is_shared') === 'true') return true;
  const users = network.VIFs.map((vif) => db.find('VM', db.get('VIF', vif).VM)?.fields);
  const hosts = new Set(users.flatMap((vm) => (vm?.power_state === 'Running' ? [vm.resident_on] : [])));
  return hosts.size === 0 || hosts.has(host);
}
