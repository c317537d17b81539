import { type ContinuedPool, continuePool } from '../api/inventory/continue-pool.js';
import { createPool, type WantedState } from '../api/inventory/create-pool.js';
import type { Config } from '../config/load-config.js';
import type { Database } from '../db/database.js';
import type { Host } from '../host/host.js';
import type { Log } from '../log/log.js';
import { emulatedPool } from './emulated-plan.js';

/** A pool with its hosts, ready for the API to be built over it. */
export interface OpenPool extends ContinuedPool {
  /** States that VMs of a new pool are still to be brought into. */
  readonly wanted: readonly WantedState[];
}

/** Continues the pool of the database, or makes a new one there; a new one reaches the disk whole or not at all. */
export async function openPool(config: Config, db: Database, hosts: readonly Host[], log: Log): Promise<OpenPool> {
  const { persona, emulate } = config;
  if (!db.empty) return { ...(await continuePool(db, persona, hosts)), wanted: [] };
  const poolName = hosts.length > 1 ? 'Emulated pool' : '';
  return db.asOneWrite(() => createPool(db, { persona, hosts, plan: emulatedPool(emulate, persona), poolName, log }));
}
