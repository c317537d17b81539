import type { Api } from '../api.js';
import { followDefinitions } from '../discovery/follow.js';
import { attachStorage } from '../inventory/attach-storage.js';
import { bringUp } from '../inventory/bring-up.js';
import type { WantedState } from '../inventory/create-pool.js';
import { syncStorageDrivers } from '../storage/drivers.js';
import { finishCopies } from '../storage/finish-copies.js';
import { sweepUnfinishedImports } from '../vm-files/import/undo.js';
import { startAutomatically } from './automatic-start.js';
import { followInitiator } from './follow-initiator.js';
import { followLabels } from './follow-labels.js';
import { followPaths } from './follow-paths.js';
import { startHousekeeping } from './housekeeping.js';
import { PathAlerts } from './path-alerts.js';
import { reconcile } from './reconcile.js';
import { recover } from './recover.js';
import { startSnapshotSchedules } from './snapshot-schedules.js';
import { startTicking } from './ticking.js';
import { DomainWatch } from './watch-domains.js';
import { watchHost } from './watch-hosts.js';

/** Milliseconds between two looks at the hosts. */
const TICK = 5000;

export interface WorldOptions {
  /** States that VMs of a new pool are to be brought into. */
  readonly wanted?: readonly WantedState[];
  /** Whether a host has booted since the pool was looked at last: then VMs start that are to be on whenever the pool is. */
  readonly booted?: boolean;
  /** Whether the database was just put back to an older state. */
  readonly restored?: boolean;
  /** Milliseconds between two looks at the hosts; `off` for a world that only moves when something happens. */
  readonly tick?: number | 'off';
}

/** What keeps the database in step with the hosts, until it is stopped. */
export interface World {
  /** Ends all timers and listeners. */
  stop(): void;
}

/**
 * Begins to keep the database in step with the hosts of the registry: storage is attached, what was left half-made is
 * recovered, running domains are found again. Resolves when the database says what is. Then follows every change.
 */
export async function startWorld(
  api: Api,
  { wanted = [], booted = false, restored = false, tick = TICK }: WorldOptions = {},
): Promise<World> {
  const domains = new DomainWatch(api, tick !== 'off');
  const hosts = [...api.hosts.entries()];
  const stops = [() => domains.stop()];
  const stop = (): void => {
    for (const end of stops.splice(0)) end();
  };
  const alerts = new PathAlerts(api);
  stops.push(() => alerts.stop());
  try {
    syncStorageDrivers(api);
    for (const [ref, host] of hosts) stops.push(await followInitiator(api, ref, host));
    stops.push(followLabels(api));
    await attachStorage(api, hosts);
    await finishCopies(api);
    for (const [ref, host] of hosts) stops.push(followPaths(api, ref, host, alerts));
    await recover(api);
    await sweepUnfinishedImports(api);
    if (wanted.length) {
      await reconcile(api);
      await bringUp(api, wanted);
    }
    for (const [ref, host] of hosts) {
      domains.follow(ref, host);
      stops.push(watchHost(api, ref, host));
      if (host.compute.keepsDefinitions) stops.push(await followDefinitions(api, ref, host, restored));
    }
    await reconcile(api);
  } catch (thrown) {
    stop();
    throw thrown;
  }
  if (tick !== 'off') stops.push(startTicking(api, domains, tick), startSnapshotSchedules(api));
  // Not waited for: VMs may take their time, and clients want to see them start.
  if (booted)
    startAutomatically(api).catch((thrown: unknown) => api.log.error({ err: thrown }, 'VMs could not be started by themselves'));
  stops.push(startHousekeeping(api));
  return { stop };
}
