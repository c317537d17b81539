import type { Database } from '../../db/database.js';
import type { Host } from '../../host/host.js';
import type { Persona } from '../../model/personas/persona.js';
import type { Ref } from '../../model/ref.js';
import { createControlDomain, refreshControlDomain } from './control-domain.js';
import { syncDevices } from './device-records.js';
import { bootTime, createHostRecords, factFields, startTimes, syncCpus } from './host-records.js';
import { createNetworkRecords, ensureBridges, refreshPifs } from './network-records.js';
import { poolFacts } from './pool-record.js';
import { loadRoles } from './role-records.js';
import type { HostEntry } from './storage-records.js';
import { createTemplates } from './template-records.js';

/** A pool that a database holds, with the hosts behind it. */
export interface ContinuedPool {
  readonly master: Ref<'host'>;
  readonly hosts: readonly HostEntry[];
  /** Whether one of the hosts has booted since the database was written last. */
  readonly booted: boolean;
}

/** Who leads in what hosts and pool say of themselves: the persona and the hosts, or a database that came from a dump. */
export type LeadingFacts = 'hosts' | 'database';

/**
 * Brings a pool that was stored by an earlier run in line with what may have changed while nobody looked: versions,
 * addresses, CPUs, devices, carriers. A host that the pool does not know joins it. Called before the API is built.
 */
export async function continuePool(
  db: Database,
  persona: Persona,
  hosts: readonly Host[],
  leading: LeadingFacts = 'hosts',
): Promise<ContinuedPool> {
  loadRoles(db);
  const entries: HostEntry[] = [];
  let booted = false;
  for (const host of hosts) {
    const known = db.table('host').refsByUuid.get(host.facts.uuid) as Ref<'host'> | undefined;
    const ref = known ?? (await addHost(db, persona, host));
    if (known) {
      booted ||= hasBooted(db, ref, host);
      await refreshHost(db, persona, ref, host, leading);
    }
    entries.push([ref, host]);
  }
  const [pool] = [...db.all('pool')];
  const [first] = entries;
  if (!pool || !first) throw new Error('the database holds no pool, or there is no host for it');
  if (leading === 'hosts') {
    db.set('pool', pool[0], poolFacts(db, persona));
    createTemplates(db);
  }
  const master = entries.find(([ref]) => ref === pool[1].master)?.[0];
  if (!master) throw new Error(`the master of the pool, ${pool[1].master}, is none of the hosts`);
  return { master, hosts: entries, booted };
}

function hasBooted(db: Database, ref: Ref<'host'>, { facts }: Host): boolean {
  const [key, now] = bootTime(facts);
  return db.get('host', ref).other_config.get(key) !== now;
}

/** Objects of a host that the database does not hold yet. */
async function addHost(db: Database, persona: Persona, host: Host): Promise<Ref<'host'>> {
  const ref = await createHostRecords(db, persona, host);
  createControlDomain(db, ref, host);
  syncDevices(db, ref, host.facts);
  await createNetworkRecords(db, ref, host);
  return ref;
}

async function refreshHost(db: Database, persona: Persona, ref: Ref<'host'>, host: Host, leading: LeadingFacts): Promise<void> {
  const { facts } = host;
  const free = await host.freeMemory();
  db.transaction(() => {
    const { other_config, metrics } = db.get('host', ref);
    db.set('host', ref, { other_config: new Map([...other_config, ...startTimes(facts)]) });
    if (db.exists('host_metrics', metrics)) db.set('host_metrics', metrics, { memory_free: free, live: true });
    refreshControlDomain(db, ref, host);
    if (leading === 'database') return;
    db.set('host', ref, factFields(persona, facts));
    if (db.exists('host_metrics', metrics)) db.set('host_metrics', metrics, { memory_total: facts.memoryTotal });
    syncCpus(db, ref, facts);
    syncDevices(db, ref, facts);
  });
  await ensureBridges(db, ref, host);
  if (leading === 'hosts') await refreshPifs(db, ref, host);
}
