import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import { pluggedHosts } from '../storage/placement.js';

/**
 * Throws why a VM could not run on every enabled host of the pool: devices that sit in one host, a disk that not all of
 * them see, a network that not all of them reach.
 */
export function assertAgile(db: Database, ref: Ref<'VM'>): void {
  const vm = db.get('VM', ref);
  if (vm.VGPUs.length) throw new ApiError('VM_HAS_VGPU', ref);
  if (vm.VUSBs.length) throw new ApiError('VM_HAS_VUSBS', ref);
  for (const vbd of vm.VBDs) {
    const { empty, VDI: vdi } = db.get('VBD', vbd);
    const sr = empty ? undefined : db.get('VDI', vdi).SR;
    if (sr !== undefined && !isProperlyShared(db, sr)) throw new ApiError('HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED', sr);
  }
  for (const vif of vm.VIFs) {
    const { network } = db.get('VIF', vif);
    if (!reachesEverywhere(db, network)) throw new ApiError('HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED', network);
  }
}

function enabledHosts(db: Database): string[] {
  return db.filter('host', ({ enabled }) => enabled).map(([host]) => host);
}

function isProperlyShared(db: Database, sr: string): boolean {
  const plugged = new Set<string>(pluggedHosts(db, sr));
  return db.get('SR', sr).shared && enabledHosts(db).every((host) => plugged.has(host));
}

function reachesEverywhere(db: Database, network: string): boolean {
  const pifs = db.get('network', network).PIFs.map((pif) => db.get('PIF', pif));
  const hosts = new Set<string>(pifs.filter((pif) => isNullRef(pif.bond_slave_of)).map((pif) => pif.host));
  return enabledHosts(db).every((host) => hosts.has(host));
}
