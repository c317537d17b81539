import { ApiError } from '../../../model/error.js';
import type { Compute, DiskSpec, DomainSpec, DomainState, FoundDomain, GuestState, NicSpec } from '../../compute.js';
import type { Unsubscribe, Watch } from '../../progress.js';
import type { VolumeAddress } from '../../storage.js';
import { takeTime } from '../clock.js';
import {
  attachDisk,
  attachedVolume,
  attachNic,
  changeMedium,
  changeNic,
  changeVolume,
  checkDevices,
  detachDisk,
  detachNic,
  limitDisk,
} from './devices.js';
import { type Domain, domainState } from './domain.js';
import { type ComputeHost, DomainTable } from './domain-table.js';
import { assertQuiesces, currentSpec, foundDomain } from './found-domain.js';
import { hearsPowerButton } from './guest.js';
import { memoryFor } from './memory.js';
import { imageSize, readImage, writeImage } from './memory-image.js';
import type { Delays } from './options.js';
import { assertNotLive, assertPower, badPowerState, type ComputePool } from './pool.js';

/** Share of the time of an operation after which its work on a memory image begins. */
const IMAGE_AT = 0.9;

/** Runs the domains of one emulated host: state machines with memory, devices and guests, which survive the process. */
export class EmulatedCompute implements Compute {
  private readonly host: ComputeHost;
  private readonly pool: ComputePool;
  readonly table: DomainTable;
  readonly keepsDefinitions = false;

  constructor(host: ComputeHost, pool: ComputePool) {
    this.host = host;
    this.pool = pool;
    this.table = new DomainTable(host, pool);
    pool.members.push(this);
  }

  async list(): Promise<readonly DomainState[]> {
    return [...this.table.live(), ...this.table.allSuspended()].map(domainState);
  }

  onState(listener: (state: DomainState) => void): Unsubscribe {
    this.table.stateListeners.add(listener);
    return () => this.table.stateListeners.delete(listener);
  }

  /** Guests that are heard already are told to the listener soon after. */
  onGuest(listener: (uuid: string, state: GuestState | undefined) => void): Unsubscribe {
    this.table.guestListeners.add(listener);
    setImmediate(() => {
      if (!this.table.guestListeners.has(listener)) return;
      for (const { uuid, guest } of this.table.all()) if (guest !== undefined) listener(uuid, guest);
    });
    return () => this.table.guestListeners.delete(listener);
  }

  async describe(): Promise<readonly FoundDomain[]> {
    return this.table.live().map(foundDomain);
  }

  async describeOne(uuid: string): Promise<FoundDomain | undefined> {
    const domain = this.table.live().find((one) => one.uuid === uuid);
    return domain && foundDomain(domain);
  }

  /** Nobody but the caller changes what emulated domains consist of. */
  onDefinition(): Unsubscribe {
    return () => undefined;
  }

  /** There are no other tools on an emulated host that could show or start the VM. */
  async define(): Promise<void> {
    this.table.needHost();
  }

  async start(spec: DomainSpec, paused: boolean, watch: Watch): Promise<void> {
    assertNotLive(this.pool, spec.uuid, 'halted');
    const domain = this.table.admitNew(spec);
    await this.table.orRelease(domain, () => this.wait('start', domain, watch));
    this.table.run(domain, paused ? 'Paused' : 'Running');
  }

  async cleanShutdown(uuid: string, watch: Watch): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running');
    this.needAnswer(domain);
    if (await this.waitWhileLive('shutdown', domain, watch)) this.table.halt(domain);
  }

  async hardShutdown(uuid: string): Promise<void> {
    const domain = this.table.find(uuid);
    if (domain !== undefined) this.table.halt(domain);
    else await this.forget(uuid);
  }

  async cleanReboot(spec: DomainSpec, watch: Watch): Promise<void> {
    const domain = this.get(spec.uuid);
    assertPower(domain, 'Running');
    this.needAnswer(domain);
    if (!(await this.waitWhileLive('reboot', domain, watch))) throw new ApiError('VM_HALTED', spec.uuid);
    this.table.restart(domain, spec);
  }

  async hardReboot(spec: DomainSpec, watch: Watch): Promise<void> {
    const domain = this.get(spec.uuid);
    assertPower(domain, 'Running', 'Paused');
    if (!(await this.waitWhileLive('reboot', domain, watch))) throw new ApiError('VM_HALTED', spec.uuid);
    this.table.restart(domain, spec);
  }

  async pause(uuid: string): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running');
    this.table.put(domain, 'Paused');
  }

  async unpause(uuid: string): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Paused');
    this.table.put(domain, 'Running');
    this.table.awaitTools(domain);
  }

  async suspend(uuid: string, image: VolumeAddress, watch: Watch): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running');
    this.host.storage.store(image.sr).writable(image.location);
    await this.wait('suspend', domain, watch, IMAGE_AT);
    await writeImage(this.host.storage, image, uuid, domain.memory);
    if (domain.life.signal.aborted) throw new ApiError('VM_HALTED', uuid);
    watch.progress(1);
    domain.image = image;
    this.table.putAside(domain);
  }

  async resume(spec: DomainSpec, image: VolumeAddress, paused: boolean, watch: Watch): Promise<void> {
    assertNotLive(this.pool, spec.uuid, 'suspended');
    this.table.needHost();
    const memory = await readImage(this.host.storage, image, spec.uuid);
    assertNotLive(this.pool, spec.uuid, 'suspended');
    const domain = this.table.admit(spec, memory, memory);
    await this.table.orRelease(domain, () => this.wait('resume', domain, watch));
    this.table.run(domain, paused ? 'Paused' : 'Running');
  }

  async saveMemory(uuid: string, image: VolumeAddress, frozen: () => Promise<void>, watch: Watch): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running', 'Paused');
    this.host.storage.store(image.sr).writable(image.location);
    await this.wait('suspend', domain, watch, IMAGE_AT);
    await writeImage(this.host.storage, image, uuid, domain.memory);
    await frozen();
    if (domain.life.signal.aborted) throw new ApiError('VM_HALTED', uuid);
    watch.progress(1);
  }

  async hold(uuid: string, quiesce: boolean, work: () => Promise<void>): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running', 'Paused');
    if (quiesce) assertQuiesces(domain);
    await work();
  }

  memoryImageSize(spec: DomainSpec): number {
    return imageSize(spec);
  }

  async setVcpus(uuid: string, count: number): Promise<void> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running', 'Paused');
    if (count < 1) throw new ApiError('VM_NO_VCPUS', uuid);
    if (count > domain.spec.vcpus.max) throw new ApiError('VM_TOO_MANY_VCPUS', uuid);
    domain.vcpus = count;
    this.table.keep(domain);
  }

  async setMemoryRange(uuid: string, minimum: number, maximum: number): Promise<number> {
    const domain = this.get(uuid);
    assertPower(domain, 'Running', 'Paused');
    if (minimum > maximum || maximum > domain.spec.memory.staticMax) throw new ApiError('MEMORY_CONSTRAINT_VIOLATION_ORDER');
    const others = this.table.all().filter((other) => other !== domain);
    if (domain.guest !== undefined) memoryFor(domain.spec, minimum, maximum, this.host.memory, others);
    domain.memoryMinimum = minimum;
    domain.memoryMaximum = maximum;
    this.table.rebalance();
    this.table.keep(domain);
    return domain.memory;
  }

  async attachDisk(uuid: string, disk: DiskSpec): Promise<void> {
    this.changeDevices(uuid, (domain) => {
      checkDevices(this.host, [disk], []);
      attachDisk(domain, disk);
    });
  }

  async limitDisk(uuid: string, disk: Pick<DiskSpec, 'vbd' | 'qos'>): Promise<void> {
    this.changeDevices(uuid, (domain) => limitDisk(domain, disk));
  }

  async detachDisk(uuid: string, vbd: string, force: boolean): Promise<void> {
    this.changeDevices(uuid, (domain) => detachDisk(domain, vbd, force));
  }

  async insertMedium(uuid: string, vbd: string, volume: VolumeAddress): Promise<void> {
    this.host.storage.store(volume.sr).volume(volume.location);
    this.changeDevices(uuid, (domain) => changeMedium(domain, vbd, volume));
  }

  async ejectMedium(uuid: string, vbd: string): Promise<void> {
    this.changeDevices(uuid, (domain) => changeMedium(domain, vbd, undefined));
  }

  async moveDisk(uuid: string, vbd: string, destination: VolumeAddress, watch: Watch): Promise<void> {
    await this.host.storage.copyInto(attachedVolume(this.get(uuid), vbd), destination, watch);
    this.changeDevices(uuid, (domain) => changeVolume(domain, vbd, destination));
  }

  async abandonMove(): Promise<void> {
    // Moves end with the process that makes them.
  }

  async attachNic(uuid: string, nic: NicSpec): Promise<void> {
    this.changeDevices(uuid, (domain) => {
      checkDevices(this.host, [], [nic]);
      attachNic(domain, nic);
    });
    this.table.refreshGuest(this.get(uuid));
  }

  async detachNic(uuid: string, vif: string, force: boolean): Promise<void> {
    this.changeDevices(uuid, (domain) => detachNic(domain, vif, force));
    this.table.refreshGuest(this.get(uuid));
  }

  async changeNic(uuid: string, nic: NicSpec): Promise<void> {
    this.changeDevices(uuid, (domain) => {
      checkDevices(this.host, [], [nic]);
      changeNic(domain, nic);
    });
    this.table.refreshGuest(this.get(uuid));
  }

  /** The source says nothing more of a domain that left; the destination tells its state there. */
  async migrate(spec: DomainSpec, destination: Compute, watch: Watch): Promise<void> {
    const domain = this.get(spec.uuid);
    assertPower(domain, 'Running', 'Paused');
    if (!(destination instanceof EmulatedCompute) || !this.pool.members.includes(destination)) {
      throw new ApiError('VM_MIGRATE_FAILED', spec.uuid, this.host.uuid, '', 'The destination is no host of this emulated pool');
    }
    if (destination === this) {
      checkDevices(this.host, spec.disks, spec.nics);
      await this.wait('migrate', domain, watch);
      // Its disks may have been copied elsewhere for this.
      domain.disks.clear();
      for (const disk of spec.disks) domain.disks.set(disk.vbd, disk);
      this.table.renumber(domain, domain.power);
      return;
    }
    const moved = destination.table.admit(spec, Math.min(domain.memoryMinimum, domain.memory), domain.memory);
    await destination.table.orRelease(moved, () => this.wait('migrate', domain, watch));
    const { power, startedAt, guest } = domain;
    this.table.remove(domain, new ApiError('VM_NOT_RESIDENT_HERE', spec.uuid, this.host.uuid));
    this.table.rebalance();
    moved.startedAt = startedAt;
    moved.guest = guest;
    destination.table.run(moved, power);
    destination.table.refreshGuest(moved);
  }

  async forget(uuid: string): Promise<void> {
    const domain = this.table.find(uuid);
    if (domain !== undefined) throw badPowerState(domain, 'halted, suspended');
    this.table.dropSuspended(uuid);
  }

  /** The guest powers off, reboots or crashes by itself; what follows is what the VM's settings say. */
  guestDoes(uuid: string, what: 'shutdown' | 'reboot' | 'crash'): void {
    const domain = this.get(uuid);
    assertPower(domain, 'Running');
    const action = domain.spec.after[what];
    if (action === 'preserve') {
      domain.ended = 'crash';
      this.table.put(domain, 'Paused');
    } else if (action.includes('restart')) this.table.restart(domain, currentSpec(domain));
    else this.table.halt(domain, what);
  }

  /** The tools of a guest appear or fall silent. */
  toolsChanged(uuid: string): void {
    const domain = this.table.find(uuid);
    if (domain === undefined) return;
    if (this.pool.hasTools(uuid)) this.table.awaitTools(domain);
    else {
      this.table.silence(domain);
      this.table.keep(domain);
    }
    this.table.rebalance();
  }

  /** A domain that is live here or on its way. */
  find(uuid: string): Domain | undefined {
    return this.table.find(uuid);
  }

  /** Domains that are live. */
  live(): readonly Domain[] {
    return this.table.live();
  }

  freeMemory(): number {
    return this.table.freeMemory();
  }

  /** Ends all domains at once, as when the host loses power. */
  loseAll(): void {
    for (const domain of this.table.all()) this.table.halt(domain);
  }

  /** Ends what waits; domains stay as they are for the next process. */
  close(): void {
    this.table.stateListeners.clear();
    this.table.guestListeners.clear();
    for (const { life, uuid } of this.table.all()) life.abort(new ApiError('VM_HALTED', uuid));
  }

  private changeDevices(uuid: string, change: (domain: Domain) => void): void {
    const domain = this.get(uuid);
    assertPower(domain, 'Running', 'Paused');
    change(domain);
    this.table.keep(domain);
  }

  /** Takes the time of an operation; rejects when it is cancelled or the domain ends. */
  private async wait(operation: keyof Delays, domain: Domain, watch: Watch, to = 1): Promise<void> {
    const signal = AbortSignal.any([watch.signal, domain.life.signal]);
    await takeTime(
      this.pool.clock,
      this.pool.delays[operation],
      { ...watch, progress: (share) => watch.progress(share), signal },
      0,
      to,
    );
  }

  /** Takes the time of an operation; false when the domain ended by itself meanwhile. */
  private async waitWhileLive(operation: keyof Delays, domain: Domain, watch: Watch): Promise<boolean> {
    try {
      await this.wait(operation, domain, watch);
      return true;
    } catch (thrown) {
      if (domain.life.signal.aborted && !watch.signal.aborted) return false;
      throw thrown;
    }
  }

  private needAnswer(domain: Domain): void {
    if (domain.guest === undefined && !hearsPowerButton(domain.spec)) {
      throw new ApiError('VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT', domain.uuid);
    }
  }

  /** A domain of this host; throws VM_BAD_POWER_STATE for one that is not running, HOST_OFFLINE. */
  private get(uuid: string): Domain {
    this.table.needHost();
    const domain = this.table.find(uuid);
    if (domain !== undefined) return domain;
    throw new ApiError('VM_BAD_POWER_STATE', uuid, 'running', this.table.isSuspended(uuid) ? 'suspended' : 'halted');
  }
}
