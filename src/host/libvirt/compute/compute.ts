import { ApiError } from '../../../model/error.js';
import type { Compute, DiskSpec, DomainSpec, DomainState, FoundDomain, GuestState, NicSpec } from '../../compute.js';
import type { Unsubscribe, Watch } from '../../progress.js';
import type { VolumeAddress } from '../../storage.js';
import type { Session } from '../connection/session.js';
import type { NicRules } from '../nic-rules.js';
import type { LibvirtOptions } from '../options.js';
import type { LiveDisks, VolumeSources } from '../volume-source.js';
import type { ComputePool } from './compute-pool.js';
import type { ComputeContext } from './context.js';
import { Definitions } from './definitions.js';
import { describe, describeOne } from './describing.js';
import { domainState } from './domain-entry.js';
import { cleanReboot, cleanShutdown, hardReboot, hardShutdown } from './ending.js';
import { forget } from './forgetting.js';
import type { HostSurroundings, SurroundingsOptions } from './host-surroundings.js';
import { DiskRoom } from './live/disk-room.js';
import { attachDisk, detachDisk } from './live/disks.js';
import { GuestAgents } from './live/guest-agents.js';
import { hold } from './live/hold.js';
import { limitDisk } from './live/limit-disk.js';
import { LibvirtLiveDisks } from './live/live-disks.js';
import { ejectMedium, insertMedium } from './live/media.js';
import { setMemoryRange } from './live/memory.js';
import { migrate } from './live/migrate.js';
import { abandonMove, moveDisk } from './live/move-disk.js';
import { attachNic, changeNic, detachNic } from './live/nics.js';
import { resume } from './live/resume.js';
import { saveMemory } from './live/save-memory.js';
import { ruleStartedElsewhere } from './live/started-elsewhere.js';
import { memoryImageSize, suspend } from './live/suspend.js';
import { setVcpus } from './live/vcpus.js';
import { openContext } from './open-context.js';
import { pause, unpause } from './pausing.js';
import { prepare } from './preparing.js';
import { start } from './starting.js';

/** What compute is made of. */
export interface LibvirtComputeOptions extends Pick<SurroundingsOptions, 'bootFiles' | 'openVswitchBridges'> {
  readonly session: Session;
  readonly sources: VolumeSources;
  readonly rules: NicRules;
  readonly options: LibvirtOptions;
  /** The hosts of this process that see the same disks. */
  readonly pool: ComputePool;
  readonly warn: (error: unknown, message: string) => void;
}

/** Runs the domains of one host through its libvirt. */
export class LibvirtCompute implements Compute {
  readonly keepsDefinitions = true;
  private readonly context: ComputeContext;
  private readonly host: HostSurroundings;
  private readonly definitions: Definitions;
  private readonly guests: GuestAgents;
  private readonly disks: LibvirtLiveDisks;
  private readonly room: DiskRoom;

  private constructor(context: ComputeContext, host: HostSurroundings) {
    this.context = context;
    this.host = host;
    this.definitions = new Definitions(context.session, context.states);
    this.guests = new GuestAgents(context);
    this.room = new DiskRoom(context);
    this.disks = new LibvirtLiveDisks(context);
    // Ends with the states.
    ruleStartedElsewhere(context);
  }

  /** Reads all domains that there are. Rejects as the session does. */
  static async open(options: LibvirtComputeOptions): Promise<LibvirtCompute> {
    const { context, host } = await openContext(options);
    const compute = new LibvirtCompute(context, host);
    await context.states.readAll();
    await compute.disks.known();
    void compute.definitions.look();
    options.pool.members.add(context);
    return compute;
  }

  /** What storage needs to know of the domains. */
  get liveDisks(): LiveDisks {
    return this.disks;
  }

  /** Bytes that no domain uses, of all that the host has, and what its own system keeps. */
  get memory(): { readonly free: number; readonly total: number; readonly system: number } {
    const { memory } = this.context;
    return { free: memory.free(), total: memory.total, system: memory.system };
  }

  /** What was told of a domain last, for consoles; undefined when it is not known. */
  find(uuid: string): Pick<DomainState, 'power'> | undefined {
    return this.context.states.find(uuid);
  }

  /** What a living domain consists of now, as libvirt's XML. Rejects with VM_BAD_POWER_STATE. */
  liveXml(uuid: string): Promise<string> {
    return this.context.liveXml(uuid);
  }

  async list(): Promise<readonly DomainState[]> {
    const { states } = this.context;
    await states.check();
    return states.all().map(domainState);
  }

  onState(listener: (state: DomainState) => void): Unsubscribe {
    return this.context.states.onState(listener);
  }

  onGuest(listener: (uuid: string, state: GuestState | undefined) => void): Unsubscribe {
    return this.guests.onGuest(listener);
  }

  describe(): Promise<readonly FoundDomain[]> {
    return describe(this.context, this.host);
  }

  describeOne(uuid: string): Promise<FoundDomain | undefined> {
    return describeOne(this.context, this.host, uuid);
  }

  onDefinition(listener: (uuid: string, what: 'changed' | 'removed') => void): Unsubscribe {
    return this.definitions.on(listener);
  }

  async define(spec: DomainSpec): Promise<void> {
    await prepare(this.context, spec, { lenient: 'lenient' });
    await this.context.states.refresh(spec.uuid);
  }

  start(spec: DomainSpec, paused: boolean, watch: Watch): Promise<void> {
    return start(this.context, spec, paused, watch);
  }

  cleanShutdown(uuid: string, watch: Watch): Promise<void> {
    return cleanShutdown(this.context, uuid, watch);
  }

  hardShutdown(uuid: string): Promise<void> {
    return hardShutdown(this.context, uuid);
  }

  cleanReboot(spec: DomainSpec, watch: Watch): Promise<void> {
    return cleanReboot(this.context, spec, watch);
  }

  hardReboot(spec: DomainSpec, watch: Watch): Promise<void> {
    return hardReboot(this.context, spec, watch);
  }

  pause(uuid: string): Promise<void> {
    return pause(this.context, uuid);
  }

  unpause(uuid: string): Promise<void> {
    return unpause(this.context, uuid);
  }

  suspend(uuid: string, image: VolumeAddress, watch: Watch): Promise<void> {
    return this.context.merges.without(uuid, () => suspend(this.context, uuid, image, watch));
  }

  resume(spec: DomainSpec, image: VolumeAddress, paused: boolean, watch: Watch): Promise<void> {
    return resume(this.context, spec, image, paused, watch);
  }

  saveMemory(uuid: string, image: VolumeAddress, frozen: () => Promise<void>, watch: Watch): Promise<void> {
    return this.context.merges.without(uuid, () => saveMemory(this.context, uuid, image, frozen, watch));
  }

  hold(uuid: string, quiesce: boolean, work: () => Promise<void>): Promise<void> {
    return this.context.merges.hold(uuid, () => hold(this.context, uuid, quiesce, work));
  }

  memoryImageSize(spec: DomainSpec): number {
    return memoryImageSize(spec);
  }

  setVcpus(uuid: string, count: number): Promise<void> {
    return setVcpus(this.context, uuid, count);
  }

  setMemoryRange(uuid: string, minimum: number, maximum: number): Promise<number> {
    return setMemoryRange(this.context, uuid, minimum, maximum);
  }

  attachDisk(uuid: string, disk: DiskSpec): Promise<void> {
    return attachDisk(this.context, uuid, disk);
  }

  limitDisk(uuid: string, disk: Pick<DiskSpec, 'vbd' | 'qos'>): Promise<void> {
    return limitDisk(this.context, uuid, disk);
  }

  detachDisk(uuid: string, vbd: string, force: boolean): Promise<void> {
    return this.context.merges.without(uuid, () => detachDisk(this.context, uuid, vbd, force));
  }

  insertMedium(uuid: string, vbd: string, volume: VolumeAddress): Promise<void> {
    return insertMedium(this.context, uuid, vbd, volume);
  }

  ejectMedium(uuid: string, vbd: string): Promise<void> {
    return ejectMedium(this.context, uuid, vbd);
  }

  moveDisk(uuid: string, vbd: string, destination: VolumeAddress, watch: Watch): Promise<void> {
    return this.context.merges.without(uuid, () => moveDisk(this.context, uuid, vbd, destination, watch));
  }

  abandonMove(uuid: string, vbd: string): Promise<void> {
    return abandonMove(this.context, uuid, vbd);
  }

  attachNic(uuid: string, nic: NicSpec): Promise<void> {
    return attachNic(this.context, uuid, nic);
  }

  detachNic(uuid: string, vif: string, force: boolean): Promise<void> {
    return detachNic(this.context, uuid, vif, force);
  }

  changeNic(uuid: string, nic: NicSpec): Promise<void> {
    return changeNic(this.context, uuid, nic);
  }

  async migrate(spec: DomainSpec, destination: Compute, watch: Watch): Promise<void> {
    if (!(destination instanceof LibvirtCompute) || !this.context.pool.members.has(destination.context)) {
      throw new ApiError('VM_MIGRATE_FAILED', spec.uuid, '', '', 'The destination is no host of this pool that libvirt drives');
    }
    const { context } = destination;
    await this.context.merges.without(spec.uuid, () => migrate(this.context, spec, context, watch));
  }

  forget(uuid: string): Promise<void> {
    return forget(this.context, uuid);
  }

  /** Stops listening. Domains stay as they are. */
  close(): void {
    this.context.pool.members.delete(this.context);
    this.guests.close();
    this.disks.close();
    this.room.close();
    this.definitions.close();
    this.context.states.close();
  }
}
