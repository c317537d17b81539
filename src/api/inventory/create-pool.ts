import type { Logger } from 'pino';
import type { Database } from '../../db/database.js';
import type { Host } from '../../host/host.js';
import type { Persona } from '../../model/personas/persona.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue } from '../../model/types.js';
import { createControlDomain } from './control-domain.js';
import { syncDevices } from './device-records.js';
import { createHostRecords } from './host-records.js';
import { createInternalNetwork, createNetworkRecords } from './network-records.js';
import type { PoolPlan, VmPlan } from './plan.js';
import { createPlannedNetworks } from './planned-networks.js';
import { poolFields } from './pool-record.js';
import { loadRoles } from './role-records.js';
import { createStorage, type HostEntry, type MadeSrs, setDefaultSrs, srForDisk } from './storage-records.js';
import { createTemplates } from './template-records.js';
import { createVms } from './vm-records.js';

/** What a new pool is made of. */
export interface NewPool {
  readonly persona: Persona;
  /** The first one is the master, and the host that this daemon runs on. */
  readonly hosts: readonly Host[];
  readonly plan: PoolPlan;
  /** Empty for a host that stands alone: XenCenter then shows no pool. */
  readonly poolName: string;
  readonly log: Logger;
}

/** A VM that is to be in another state than halted, once the API can start it. */
export interface WantedState {
  readonly vm: Ref<'VM'>;
  readonly host: Ref<'host'>;
  readonly power: EnumValue<'vm_power_state'>;
}

export interface CreatedPool {
  readonly master: Ref<'host'>;
  readonly hosts: readonly HostEntry[];
  /** For `startWorld`. */
  readonly wanted: readonly WantedState[];
}

/**
 * Makes all objects of a new pool in an empty database, from what the hosts say and what the plan wants, and the SRs and
 * disks behind them. Called before the API is built. Rejects with what a host refuses; the database is then half filled
 * and of no use.
 */
export async function createPool(db: Database, { persona, hosts, plan, poolName, log }: NewPool): Promise<CreatedPool> {
  const entries: HostEntry[] = [];
  for (const host of hosts) {
    const ref = await createHostRecords(db, persona, host);
    entries.push([ref, host]);
    createControlDomain(db, ref, host);
    syncDevices(db, ref, host.facts);
    await createNetworkRecords(db, ref, host);
  }
  const [first] = entries;
  if (!first) throw new Error('a pool needs a host');
  const [master] = first;
  createInternalNetwork(db);
  const networks = await createPlannedNetworks(db, entries, plan.networks);
  const pool = db.create('pool', poolFields(db, persona, master, poolName));
  const srs = await createStorage(db, entries, plan.srs);
  setDefaultSrs(db, pool, entries, srs);
  createTemplates(db);
  const wanted = await planVms(db, entries, plan, srs, networks);
  loadRoles(db);
  log.info({ hosts: entries.length, vms: plan.vms.length }, 'made a new pool');
  return { master, hosts: entries, wanted };
}

async function planVms(
  db: Database,
  hosts: readonly HostEntry[],
  { vms }: PoolPlan,
  made: readonly MadeSrs[],
  networks: readonly Ref<'network'>[],
): Promise<WantedState[]> {
  const hostOf = (vm: VmPlan): HostEntry => {
    const host = hosts[vm.host % hosts.length];
    if (!host) throw new Error('a VM needs a host');
    return host;
  };
  const refs = await createVms(db, vms, {
    networks,
    place: (vm, disk) => srForDisk(made, hostOf(vm), disk.sr),
  });
  return vms.flatMap((plan, i): WantedState[] => {
    const vm = refs[i];
    return vm && plan.power !== 'Halted' ? [{ vm, host: hostOf(plan)[0], power: plan.power }] : [];
  });
}
