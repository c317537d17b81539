import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { ApiError } from '../../model/error.js';
import { Adoption } from './adoption.js';
import { type Clock, systemClock } from './clock.js';
import { DomainRecords } from './compute/domain-record.js';
import { type Delays, NO_DELAYS } from './compute/options.js';
import type { ComputePool } from './compute/pool.js';
import { FaultInjector, type FaultRule } from './faults.js';
import { EmulatedHost } from './host.js';
import { Journal } from './journal.js';
import type { HostOptions, Origin } from './layout.js';
import { seededRandom } from './random.js';
import { SrRegistry } from './storage/sr-registry.js';
import { keepUnreached, loadUnreached, loadWorld, newWorld, type UnreachedState } from './world-record.js';

/** Shape and behaviour of an emulated world. Hosts shape a new world only; one that is kept stays as it is. */
export interface WorldOptions {
  /** Directory of the daemon; the world lives in `emulated` below it. */
  readonly dataDir: string;
  readonly hosts: readonly HostOptions[];
  /** Where the hosts come from; `plan` by default. Kept with a new world. */
  readonly origin?: Origin;
  readonly delays?: Partial<Delays>;
  readonly faults?: readonly FaultRule[];
  /** Whether guests have tools unless told otherwise; yes by default. */
  readonly tools?: boolean;
  /** Makes uuids, MAC addresses and faults the same every time. */
  readonly seed?: string;
  readonly clock?: Clock;
  /** Called when something that was kept cannot be read; the world goes on without it. */
  readonly onWarning?: (message: string) => void;
}

/** An emulated pool of hosts with their storage. */
export interface EmulatedWorld {
  readonly hosts: readonly EmulatedHost[];
  readonly faults: FaultInjector;
  readonly clock: Clock;
  /** Whether the world was made just now; else it was found as an earlier process left it. */
  readonly isNew: boolean;
  /** What the owner of a new world said that it comes from. */
  readonly origin: Origin;
  /** Puts on the world's media what a pool elsewhere had. */
  readonly adoption: Adoption;
  /** States that a new pool's VMs were still to be brought into when an earlier process ended. */
  readonly unreached: readonly UnreachedState[];
  /** Keeps such states for a process that takes over; none when all are reached. */
  keepUnreached(states: readonly UnreachedState[]): void;
  /** Gives a VM's guest tools or takes them away, now and in the future. */
  setTools(vm: string, there: boolean): void;
  /** A guest powers off, reboots or crashes by itself. Throws VM_BAD_POWER_STATE unless it runs somewhere. */
  guestDoes(vm: string, what: 'shutdown' | 'reboot' | 'crash'): void;
  /** Resolves when storage has nothing left to tidy up. */
  settled(): Promise<void>;
  /** Ends the process's part; domains go on in the next one. */
  close(): Promise<void>;
}

/** Makes a world, or continues the one that lies in the data directory. */
export async function createWorld(options: WorldOptions): Promise<EmulatedWorld> {
  const directory = join(options.dataDir, 'emulated');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const warn = options.onWarning ?? (() => undefined);
  const clock = options.clock ?? systemClock;
  const journal = new Journal(join(directory, 'world.journal'), 'emulated-world', warn);
  const registry = new SrRegistry(join(directory, 'sr'), warn);
  const random = seededRandom(options.seed ?? newUuid());
  const kept = loadWorld(journal, warn);
  const record = kept ?? newWorld(journal, random, options.hosts, options.origin ?? 'plan');
  const pool: ComputePool = {
    clock,
    delays: { ...NO_DELAYS, ...options.delays },
    records: new DomainRecords(journal),
    members: [],
    hasTools: (vm) => {
      const own = journal.get(toolsKey(vm));
      return typeof own === 'boolean' ? own : (options.tools ?? true);
    },
    warn,
  };
  const hosts = record.hosts.map((host, number) => new EmulatedHost(host, number, pool, registry, journal));
  return {
    hosts,
    faults: new FaultInjector(options.faults, options.seed),
    clock,
    isNew: kept === undefined,
    origin: record.origin,
    adoption: new Adoption(registry),
    unreached: loadUnreached(journal),
    keepUnreached: (states) => keepUnreached(journal, states),
    setTools(vm, there) {
      if (there === pool.hasTools(vm)) return;
      journal.write({ [toolsKey(vm)]: there === (options.tools ?? true) ? null : there });
      for (const member of pool.members) member.toolsChanged(vm);
    },
    guestDoes(vm, what) {
      const member = pool.members.find((one) => one.find(vm) !== undefined);
      if (member === undefined) throw new ApiError('VM_BAD_POWER_STATE', vm, 'running', 'halted');
      member.guestDoes(vm, what);
    },
    settled: () => registry.settled(),
    async close() {
      for (const host of hosts) await host.close();
      await registry.close();
      journal.close();
    },
  };
}

function toolsKey(vm: string): string {
  return `tools/${vm}`;
}
