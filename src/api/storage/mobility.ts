import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Fields } from '../../model/types.js';
import { pluggedHosts } from './placement.js';
import { poolOf } from './pool-state.js';

/**
 * Throws HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED where a disk would tie a VM to one host that high availability promised
 * to restart anywhere.
 */
export function assertKeepsVmMobile(db: Database, vm: Fields<'VM'>, vdi: Fields<'VDI'>): void {
  const pool = poolOf(db);
  if (!pool?.ha_enabled || pool.ha_allow_overcommit) return;
  const isProtected = vm.ha_always_run && vm.ha_restart_priority === 'restart';
  if (isProtected && !isProperlyShared(db, vdi.SR)) throw new ApiError('HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED', vdi.SR);
}

/** Whether every host of the pool has a shared SR attached. */
export function isProperlyShared(db: Database, sr: string): boolean {
  if (!db.get('SR', sr).shared) return false;
  const hosts: ReadonlySet<string> = new Set(pluggedHosts(db, sr));
  return [...db.table('host').rows.keys()].every((host) => hosts.has(host));
}
