import type { DomainRef } from 'node-libvirt';
import type { DomainSpec, DomainState } from '../../compute.js';
import type { Session } from '../connection/session.js';
import type { Surroundings } from '../domain-xml/surroundings.js';
import type { BootFiles } from '../install/boot-files.js';
import type { HostMemory } from '../memory.js';
import type { NicRules } from '../nic-rules.js';
import type { LibvirtOptions } from '../options.js';
import type { VolumeSources } from '../volume-source.js';
import type { ComputePool } from './compute-pool.js';
import type { DomainStates } from './domain-states.js';
import type { DiskUsers } from './live/disk-users.js';
import type { DomainMerges } from './live/domain-merges.js';

export type { DomainRef } from 'node-libvirt';

/** What every part of compute works with. */
export interface ComputeContext {
  readonly session: Session;
  readonly sources: VolumeSources;
  readonly rules: NicRules;
  readonly options: LibvirtOptions;
  readonly states: DomainStates;
  readonly pool: ComputePool;
  readonly memory: HostMemory;
  /** Which living domain writes to which file; storage asks it. */
  readonly diskUsers: DiskUsers;
  /** What is done to the layers of disks by itself. */
  readonly merges: DomainMerges;
  /** Finds what VMs boot that boot none of their own. */
  readonly bootFiles: BootFiles | undefined;
  /** Bridges of Open vSwitch: cards on them are connected in another way. */
  openVswitchBridges(): ReadonlySet<string>;
  warn(error: unknown, message: string): void;
  /** Finds a domain, living or not. Rejects with VM_BAD_POWER_STATE (it is halted) when there is none. */
  domain(uuid: string): Promise<DomainRef>;
  /**
   * Finds a domain that lives, in one of those states; without any given, running or paused.
   * Rejects with VM_BAD_POWER_STATE [uuid, expected, actual].
   */
  live(uuid: string, ...expected: readonly DomainState['power'][]): Promise<DomainRef>;
  /** What a living domain consists of now. */
  liveXml(uuid: string): Promise<string>;
  /** What a domain is started with next time, secrets included. Rejects with VM_BAD_POWER_STATE when it has no definition. */
  inactiveXml(uuid: string): Promise<string>;
  /**
   * What the host adds to a description. Rejects with SR_NOT_ATTACHED, VDI_MISSING, VDI_READONLY, VBD_IS_EMPTY; `lenient`: disks
   * that cannot be had are left out.
   */
  surroundings(spec: DomainSpec, lenient?: 'lenient'): Promise<Surroundings>;
}
