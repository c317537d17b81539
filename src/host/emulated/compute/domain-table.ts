import { ApiError } from '../../../model/error.js';
import type { DomainSpec, DomainState, GuestState } from '../../compute.js';
import { checkDevices, type Surroundings } from './devices.js';
import { type Domain, domainState, isLive, newDomain } from './domain.js';
import { guestState } from './guest.js';
import { balance, freeMemory, memoryFor } from './memory.js';
import type { ComputePool } from './pool.js';

/** What a host has for its domains. Memory in bytes. */
export interface ComputeHost extends Surroundings {
  readonly uuid: string;
  /** Memory that domains can have together. */
  readonly memory: number;
  isLive(): boolean;
}

/** The domains of one host: who is there, in which state, with how much memory; tells and keeps every change. */
export class DomainTable {
  private readonly host: ComputeHost;
  private readonly pool: ComputePool;
  /** Live ones, and those that are being started here: these are `Halted` but have their memory already. */
  private readonly domains = new Map<string, Domain>();
  private readonly suspended = new Map<string, Domain>();
  private lastDomid = 0;
  readonly stateListeners = new Set<(state: DomainState) => void>();
  readonly guestListeners = new Set<(uuid: string, state: GuestState | undefined) => void>();

  constructor(host: ComputeHost, pool: ComputePool) {
    this.host = host;
    this.pool = pool;
    for (const domain of pool.records.load(host.uuid, pool.warn)) {
      this.lastDomid = Math.max(this.lastDomid, domain.domid);
      if (isLive(domain)) this.domains.set(domain.uuid, domain);
      else this.suspended.set(domain.uuid, domain);
      if (domain.power === 'Running') this.awaitTools(domain);
    }
    balance(host.memory, () => this.domains.values());
  }

  /** Domains that are live or on their way. */
  all(): readonly Domain[] {
    return [...this.domains.values()];
  }

  live(): readonly Domain[] {
    return this.all().filter(isLive);
  }

  find(uuid: string): Domain | undefined {
    return this.domains.get(uuid);
  }

  allSuspended(): readonly Domain[] {
    return [...this.suspended.values()];
  }

  isSuspended(uuid: string): boolean {
    return this.suspended.has(uuid);
  }

  /** Bytes that no domain uses. */
  freeMemory(): number {
    return freeMemory(this.host.memory, this.domains.values());
  }

  /** Throws HOST_OFFLINE. */
  needHost(): void {
    if (!this.host.isLive()) throw new ApiError('HOST_OFFLINE', this.host.uuid);
  }

  /**
   * Checks that a domain can live here and gives it its memory, before it takes time to start; `run` or `remove` must
   * follow. Bounds in bytes.
   */
  admit(spec: DomainSpec, minimum: number, maximum: number): Domain {
    this.needHost();
    if (spec.vcpus.online < 1) throw new ApiError('VM_NO_VCPUS', spec.uuid);
    checkDevices(this.host, spec.disks, spec.nics);
    const domain = newDomain(spec);
    domain.memory = memoryFor(spec, minimum, maximum, this.host.memory, this.domains.values());
    this.domains.set(spec.uuid, domain);
    this.rebalance();
    return domain;
  }

  /** Admits a domain that starts afresh. */
  admitNew(spec: DomainSpec): Domain {
    const { dynamicMin, target } = spec.memory;
    return this.admit(spec, dynamicMin, Math.max(target, dynamicMin));
  }

  /** Does what an admitted domain waits for; takes the domain off again when that fails. */
  async orRelease(domain: Domain, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (this.domains.get(domain.uuid) === domain) this.remove(domain);
      this.rebalance();
      throw thrown;
    }
  }

  /** Brings an admitted domain to life. */
  run(domain: Domain, power: DomainState['power']): void {
    for (const member of this.pool.members) member.table.suspended.delete(domain.uuid);
    if (domain.startedAt === 0) domain.startedAt = this.pool.clock.now();
    this.renumber(domain, power);
    this.awaitTools(domain);
  }

  /** Gives a domain the next number. */
  renumber(domain: Domain, power: DomainState['power']): void {
    domain.domid = ++this.lastDomid;
    this.put(domain, power);
  }

  /** Ends a domain and starts it again at once. */
  restart(domain: Domain, spec: DomainSpec): void {
    this.remove(domain);
    try {
      this.run(this.admitNew(spec), 'Running');
    } catch (thrown) {
      this.put(domain, 'Halted');
      throw thrown;
    }
  }

  halt(domain: Domain, ended?: DomainState['ended']): void {
    const wasLive = isLive(domain);
    this.remove(domain);
    domain.ended = ended;
    if (wasLive) this.put(domain, 'Halted');
    this.rebalance();
  }

  /** Ends a domain whose memory is kept. */
  putAside(domain: Domain): void {
    this.remove(domain);
    this.suspended.set(domain.uuid, domain);
    this.put(domain, 'Suspended');
    this.rebalance();
  }

  /** Drops a suspended domain. */
  dropSuspended(uuid: string): void {
    if (this.suspended.delete(uuid)) this.pool.records.drop(uuid);
  }

  /** Takes a domain off this host: its memory is free, its guest is silent, nobody waits for it. */
  remove(domain: Domain, reason = new ApiError('VM_HALTED', domain.uuid)): void {
    this.domains.delete(domain.uuid);
    domain.life.abort(reason);
    this.silence(domain);
  }

  /** Puts a domain into a state, keeps it and tells. */
  put(domain: Domain, power: DomainState['power']): void {
    domain.power = power;
    if (!isLive(domain)) {
      domain.domid = -1;
      domain.memory = 0;
    }
    this.keep(domain);
    this.tell(domain);
  }

  keep(domain: Domain): void {
    this.pool.records.keep(this.host.uuid, domain);
  }

  rebalance(): void {
    for (const domain of balance(this.host.memory, () => this.domains.values())) this.tell(domain);
  }

  /** Lets the tools of the guest be heard after a while, if it has any. */
  awaitTools(domain: Domain): void {
    if (!this.pool.hasTools(domain.uuid) || domain.guest !== undefined) return;
    const heard = (): void => {
      if (domain.power !== 'Running' || domain.life.signal.aborted || domain.guest !== undefined) return;
      domain.guest = guestState(domain.spec, domain.nics.values());
      this.refreshGuest(domain);
      this.rebalance();
    };
    // The only way to fail is the end of the domain.
    this.pool.clock.sleep(this.pool.delays.tools, domain.life.signal).then(heard, () => undefined);
  }

  /** Lets the tools tell of the guest as it is now, if they are heard. */
  refreshGuest(domain: Domain): void {
    if (domain.guest === undefined) return;
    domain.guest = guestState(domain.spec, domain.nics.values());
    this.keep(domain);
    for (const listener of this.guestListeners) listener(domain.uuid, domain.guest);
  }

  /** The tools of the guest are no longer heard. */
  silence(domain: Domain): void {
    if (domain.guest === undefined) return;
    domain.guest = undefined;
    for (const listener of this.guestListeners) listener(domain.uuid, undefined);
  }

  private tell(domain: Domain): void {
    const state = domainState(domain);
    for (const listener of this.stateListeners) listener(state);
  }
}
