import type { ContinuedPool } from '../api/inventory/continue-pool.js';
import type { WantedState } from '../api/inventory/create-pool.js';
import type { Config } from '../config/load-config.js';
import type { Database } from '../db/database.js';
import type { FaultInjector } from '../host/emulated/faults.js';
import type { Log } from '../log/log.js';
import type { DumpObject } from '../wire/database-dump.js';
import type { ChosenHost } from './choose-host.js';
import { openEmulatedPool } from './emulated-pool.js';
import { openLibvirtPool } from './libvirt-pool.js';

/** A pool with the hosts behind it, ready for the API to be built over it. */
export interface OpenPool extends ContinuedPool {
  /** What stands behind the API, for people: `emulated pool`. */
  readonly kind: string;
  /** States that VMs of a new pool are still to be brought into. */
  readonly wanted: readonly WantedState[];
  /** Called when they are. */
  reached(): void;
  /** Faults that were asked for, where a host can have some. */
  readonly faults?: FaultInjector;
  /** Ends the process's part; what runs on the hosts goes on. */
  close(): Promise<void>;
}

/** Continues the pool of the database, or makes a new one there; `early`: the dump that it is to be made from, if it was read already. */
export async function openPool(
  config: Config,
  host: ChosenHost,
  db: Database,
  early: readonly DumpObject[] | undefined,
  log: Log,
): Promise<OpenPool> {
  if (host.kind === 'libvirt') return openLibvirtPool(config, host.uri, db, log);
  const { world, ...pool } = await openEmulatedPool(config, db, early, log);
  return {
    ...pool,
    kind: 'emulated pool',
    faults: world.faults,
    reached: () => world.keepUnreached([]),
    close: () => world.close(),
  };
}
