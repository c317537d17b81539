import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/load-config.js';
import type { HostOptions, Origin } from '../host/emulated/layout.js';
import { createWorld, type EmulatedWorld } from '../host/emulated/world.js';
import type { Log } from '../log/log.js';

/** The emulated hosts of a data directory as an earlier run has left them; where their record is lost, made again as these. */
export function continueWorld(config: Config, hosts: readonly HostOptions[], log: Log): Promise<EmulatedWorld> {
  return openWorld(config, hosts, 'plan', log);
}

/** New emulated hosts. What an unfinished first start has left of others is removed. */
export async function newWorld(config: Config, hosts: readonly HostOptions[], origin: Origin, log: Log): Promise<EmulatedWorld> {
  await removeWorld(config);
  return openWorld(config, hosts, origin, log);
}

/** Removes hosts that belong to no pool. */
export async function removeWorld({ dataDir }: Config): Promise<void> {
  await rm(join(dataDir, 'emulated'), { recursive: true, force: true });
}

function openWorld({ dataDir, emulate }: Config, hosts: readonly HostOptions[], origin: Origin, log: Log) {
  const { delays, faults, tools, seed } = emulate;
  return createWorld({
    dataDir,
    hosts,
    origin,
    delays,
    faults,
    tools,
    ...(seed !== undefined && { seed }),
    onWarning: (message) => log.warn(message),
  });
}
