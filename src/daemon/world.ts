import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/load-config.js';
import type { Database } from '../db/database.js';
import { createWorld, type EmulatedWorld } from '../host/emulated/world.js';
import type { Log } from '../log/log.js';
import { emulatedHosts } from './emulated-plan.js';

/**
 * The emulated hosts of a data directory: those of an earlier run, or new ones in the shape of the configuration. With an
 * empty database, what an unfinished first start has left of its hosts is removed.
 */
export async function openWorld(config: Config, db: Database, log: Log): Promise<EmulatedWorld> {
  const { dataDir, emulate, faults } = config;
  if (db.empty) await rm(join(dataDir, 'emulated'), { recursive: true, force: true });
  const { delay } = emulate;
  return createWorld({
    dataDir,
    hosts: emulatedHosts(emulate),
    srs: [],
    delays: { start: delay, shutdown: delay, reboot: delay, suspend: delay, resume: delay, migrate: delay, hostBoot: delay },
    faults,
    onWarning: (message) => log.warn(message),
  });
}
