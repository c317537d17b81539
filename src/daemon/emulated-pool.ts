import { type ContinuedPool, continuePool } from '../api/inventory/continue-pool.js';
import { createPool, type WantedState } from '../api/inventory/create-pool.js';
import { dumpedHosts } from '../api/inventory/dumped-hosts.js';
import { createDumpedNetwork } from '../api/inventory/dumped-network.js';
import { createDumpedStorage } from '../api/inventory/dumped-storage.js';
import { loadDump } from '../api/inventory/from-dump.js';
import type { Config } from '../config/load-config.js';
import type { Database } from '../db/database.js';
import type { HostOptions } from '../host/emulated/layout.js';
import type { EmulatedWorld } from '../host/emulated/world.js';
import type { Log } from '../log/log.js';
import type { Ref } from '../model/ref.js';
import type { DumpObject } from '../wire/database-dump.js';
import { readDump } from './dump-file.js';
import { dumpedHostOptions } from './dumped-host-options.js';
import { emulatedHosts, emulatedPool } from './emulated-plan.js';
import { continueWorld, newWorld, removeWorld } from './world.js';

/** An emulated pool with its hosts, ready for the API to be built over it. */
export interface EmulatedPool extends ContinuedPool {
  readonly world: EmulatedWorld;
  /** States that VMs of a new pool are still to be brought into. */
  readonly wanted: readonly WantedState[];
}

type Filled = Omit<EmulatedPool, 'world'>;

/**
 * Continues the pool of the database, or makes a new one there: from a dump (`early`, if it was read already), else from the
 * plan. A new one reaches the disk whole or not at all.
 */
export async function openEmulatedPool(
  config: Config,
  db: Database,
  early: readonly DumpObject[] | undefined,
  log: Log,
): Promise<EmulatedPool> {
  if (!db.empty) return withWorld(await continueWorld(config, knownHosts(db), log), (world) => continued(config, db, world));
  try {
    return await db.asOneWrite(async () => {
      const dump = early ?? (config.loadDump === undefined ? undefined : await readDump(config.loadDump, log));
      return dump ? fromDump(config, db, dump, log) : fromPlan(config, db, log);
    });
  } catch (thrown) {
    await removeWorld(config);
    throw thrown;
  }
}

function knownHosts(db: Database): HostOptions[] {
  const [pool] = [...db.all('pool')];
  return pool ? dumpedHosts(db, pool[1].master).map((host) => ({ ...dumpedHostOptions(host), bare: false })) : [];
}

/** What a dump says of its hosts holds for ever: neither the persona nor the emulated hosts know better. */
async function continued({ persona }: Config, db: Database, world: EmulatedWorld): Promise<Filled> {
  const leading = world.origin === 'dump' ? 'database' : 'hosts';
  const wanted = world.unreached.flatMap(({ vm, host, power }): WantedState[] => {
    const [vmRef, hostRef] = [db.table('VM').refsByUuid.get(vm), db.table('host').refsByUuid.get(host)];
    return vmRef && hostRef ? [{ vm: vmRef as Ref<'VM'>, host: hostRef as Ref<'host'>, power }] : [];
  });
  return { ...(await continuePool(db, persona, world.hosts, leading)), wanted };
}

async function fromPlan(config: Config, db: Database, log: Log): Promise<EmulatedPool> {
  const { persona, emulate } = config;
  const hosts = emulatedHosts(emulate);
  return withWorld(await newWorld(config, hosts, 'plan', log), async (world) => {
    const { plan, otherTools } = emulatedPool(emulate, persona);
    const poolName = hosts.length > 1 ? 'Emulated pool' : '';
    const created = await createPool(db, { persona, hosts: world.hosts, plan, poolName, log });
    for (const vm of otherTools) world.setTools(vm, !emulate.tools);
    keepWanted(db, world, created.wanted);
    return { ...created, booted: true };
  });
}

async function fromDump(config: Config, db: Database, dump: readonly DumpObject[], log: Log): Promise<EmulatedPool> {
  const { hosts, wanted, withoutTools } = await loadDump(db, dump);
  return withWorld(await newWorld(config, hosts.map(dumpedHostOptions), 'dump', log), async (world) => {
    const entries = hosts.flatMap(({ ref }, i) => {
      const host = world.hosts[i];
      return host ? [[ref, host] as const] : [];
    });
    for (const [ref, host] of entries) await createDumpedNetwork(db, ref, host, log);
    await createDumpedStorage(db, entries, world.adoption, log);
    for (const vm of withoutTools) world.setTools(vm, false);
    keepWanted(db, world, wanted);
    const pool = await continuePool(db, config.persona, world.hosts, 'database');
    // It goes on where it was when it was dumped: that its hosts have booted here is not for its VMs to know.
    return { ...pool, wanted, booted: false };
  });
}

/** The database holds the pool before its VMs are started: a process that takes over then must know which. */
function keepWanted(db: Database, world: EmulatedWorld, wanted: readonly WantedState[]): void {
  world.keepUnreached(
    wanted.map(({ vm, host, power }) => ({ vm: db.get('VM', vm).uuid, host: db.get('host', host).uuid, power })),
  );
}

/** Fills a pool in over a world; the world is closed again when that fails. */
async function withWorld(world: EmulatedWorld, fill: (world: EmulatedWorld) => Promise<Filled>): Promise<EmulatedPool> {
  try {
    return { ...(await fill(world)), world };
  } catch (thrown) {
    await world.close();
    throw thrown;
  }
}
