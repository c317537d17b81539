import type { Host, HostFacts } from '../host.js';
import { EmulatedCompute } from './compute/compute.js';
import type { ComputePool } from './compute/pool.js';
import { EmulatedConsole } from './console/console.js';
import { controlDomainMemory, type HostShape, hostFacts, NIC_FACTS, nicBusPath } from './facts.js';
import { EmulatedPower } from './host-power.js';
import type { Journal } from './journal.js';
import { EmulatedMetrics } from './metrics.js';
import { hostLease, type Lease } from './network/address-plan.js';
import { EmulatedNetwork } from './network/network.js';
import { installedNetwork, keptForm, networkState } from './network/state.js';
import type { SrRegistry } from './storage/sr-registry.js';
import { EmulatedStorage } from './storage/storage.js';
import type { HostRecord } from './world-record.js';

/** A host of an emulated world. */
export class EmulatedHost implements Host {
  readonly compute: EmulatedCompute;
  readonly storage: EmulatedStorage;
  readonly network: EmulatedNetwork;
  readonly metrics: EmulatedMetrics;
  readonly console: EmulatedConsole;
  readonly power: EmulatedPower;
  private readonly shape: HostShape;
  private bootedAt: number;

  /** `number` is the host's place in the pool; its first address follows from it. */
  constructor(record: HostRecord, number: number, pool: ComputePool, registry: SrRegistry, journal: Journal) {
    const { uuid, name, hostname, memory, cpu, cards, managementDevice = 'eth0' } = record;
    const devices = cards.map(({ device }) => device);
    const lease = (device: string): Lease => record.leases?.get(device) ?? hostLease(device, number);
    this.shape = {
      uuid,
      name,
      hostname,
      memory,
      cpu,
      managementDevice,
      nics: cards.length,
      address: record.address ?? lease(managementDevice).address,
      controlDomainMemory: record.controlDomainMemory ?? controlDomainMemory(memory),
    };
    this.bootedAt = keptBoot(journal, uuid) ?? pool.clock.now();
    this.keepBoot(journal);
    this.power = new EmulatedPower(pool.clock, pool.delays.hostBoot, {
      down: () => {
        this.compute.loseAll();
        this.storage.detachAll();
      },
      up: () => {
        this.bootedAt = pool.clock.now();
        this.keepBoot(journal);
      },
    });
    this.storage = new EmulatedStorage(uuid, registry);
    const key = `network/${uuid}`;
    const kept = networkState.safeParse(journal.get(key));
    if (!kept.success && journal.get(key) !== undefined) pool.warn(`${key} is damaged; the network starts as installed`);
    this.network = new EmulatedNetwork(
      cards.map((card, index) => ({ ...card, ...NIC_FACTS, mtu: 1500, duplex: true, pciBusPath: nicBusPath(index) })),
      kept.success ? kept.data : installedNetwork(record.bare ? [] : devices),
      lease,
      (state) => journal.write({ [key]: keptForm(state) }),
    );
    const isLive = (): boolean => this.power.isLive();
    const { facts } = this;
    const forDomains = Math.max(0, memory - facts.memoryOverhead - facts.controlDomainMemory);
    this.compute = new EmulatedCompute({ uuid, storage: this.storage, network: this.network, memory: forDomains, isLive }, pool);
    this.console = new EmulatedConsole(this.compute);
    this.metrics = new EmulatedMetrics(
      {
        uuid,
        cpus: cpu.sockets * cpu.coresPerSocket * cpu.threadsPerCore,
        memory,
        cards: devices,
        compute: this.compute,
        storage: this.storage,
        freeMemory: () => this.compute.freeMemory(),
        isLive,
      },
      pool.clock,
    );
  }

  get facts(): HostFacts {
    return hostFacts(this.shape, this.bootedAt);
  }

  async freeMemory(): Promise<number> {
    return this.compute.freeMemory();
  }

  async close(): Promise<void> {
    this.power.close();
    this.compute.close();
  }

  private keepBoot(journal: Journal): void {
    journal.write({ [bootKey(this.shape.uuid)]: this.bootedAt });
  }
}

function bootKey(uuid: string): string {
  return `booted/${uuid}`;
}

/** When the host was booted: a new process of ours is no reboot of the host. */
function keptBoot(journal: Journal, uuid: string): number | undefined {
  const kept = journal.get(bootKey(uuid));
  return typeof kept === 'number' ? kept : undefined;
}
