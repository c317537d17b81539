import type { Unsubscribe, Watch } from './progress.js';
import type { VolumeAddress } from './storage.js';

/** A disk or CD drive of a domain. */
export interface DiskSpec {
  /** Uuid of the VBD: the name of the device in later calls. */
  readonly vbd: string;
  /** Position as a decimal number: 0 is the first disk. */
  readonly position: number;
  readonly kind: 'Disk' | 'CD';
  readonly writable: boolean;
  readonly bootable: boolean;
  /** Undefined for an empty CD drive. */
  readonly volume: VolumeAddress | undefined;
  /** Limits of speed: `kbps` in KiB per second, `iops`. Other keys mean nothing to hosts. */
  readonly qos: ReadonlyMap<string, string>;
  /** Whether other domains may write to it at the same time; their guests see to each other then. */
  readonly sharable?: boolean;
}

/** A network card of a domain. */
export interface NicSpec {
  /** Uuid of the VIF: the name of the device in later calls. */
  readonly vif: string;
  readonly position: number;
  readonly mac: string;
  readonly mtu: number;
  readonly bridge: string;
  readonly locking: {
    readonly mode: 'unlocked' | 'locked' | 'disabled';
    readonly ipv4: readonly string[];
    readonly ipv6: readonly string[];
  };
  readonly qos: ReadonlyMap<string, string>;
}

/** Everything that a host needs to run a VM. Sizes in bytes. */
export interface DomainSpec {
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  readonly vcpus: { readonly max: number; readonly online: number; readonly params: ReadonlyMap<string, string> };
  readonly memory: {
    readonly staticMax: number;
    readonly dynamicMax: number;
    readonly dynamicMin: number;
    readonly target: number;
  };
  readonly boot:
    | { readonly kind: 'hvm'; readonly params: ReadonlyMap<string, string> }
    | {
        readonly kind: 'pv';
        readonly bootloader: string;
        readonly bootloaderArgs: string;
        readonly kernel: string;
        readonly ramdisk: string;
        readonly args: string;
        /** Where an installer is fetched from, for bootloaders that do: `http://…`, `nfs:…`, `cdrom`; empty for none. */
        readonly installRepository: string;
        /** What else tells how an installer is found: `install-distro`, `install-arch`, `debian-release` and the like of `VM.other_config`. */
        readonly installation: ReadonlyMap<string, string>;
      };
  readonly platform: ReadonlyMap<string, string>;
  readonly guestData: ReadonlyMap<string, string>;
  readonly disks: readonly DiskSpec[];
  readonly nics: readonly NicSpec[];
  /** What becomes of the domain at its end. */
  readonly after: { readonly shutdown: string; readonly reboot: string; readonly crash: string };
}

/** In `after.reboot`: the domain ends when its guest reboots, and whoever asked for it starts it again. */
export const ENDS_TO_RESTART = 'renew';

/** What a host says of one domain at one moment. */
export interface DomainState {
  readonly uuid: string;
  readonly power: 'Halted' | 'Paused' | 'Running' | 'Suspended';
  /** Number of the domain while it lives, else -1. */
  readonly domid: number;
  /** Milliseconds since the epoch of the last start. */
  readonly startedAt: number;
  /** Why it halted, when it did so by itself. */
  readonly ended?: 'shutdown' | 'reboot' | 'crash';
  /** Bytes that it has now, where the host knows. */
  readonly memory?: number;
}

/** A disk of a domain as it was found on the host. */
export interface FoundDisk extends DiskSpec {
  /**
   * What would make a volume of it, where no attached SR has it: the SR that covers its directory, pool or volume group,
   * and the volume's location there. Absent for what no SR can cover.
   */
  readonly uncovered?: { readonly type: string; readonly deviceConfig: ReadonlyMap<string, string>; readonly location: string };
}

/** A domain as the host has it defined, whoever made it. Devices have the same uuids every time it is looked at. */
export interface FoundDomain extends Omit<DomainSpec, 'disks'> {
  readonly disks: readonly FoundDisk[];
  /** Whether it outlives its end. */
  readonly persistent: boolean;
  /** Whether the host starts it at boot. */
  readonly autostart: boolean;
}

/** What the tools inside a guest tell. */
export interface GuestState {
  readonly uuid: string;
  readonly osVersion: ReadonlyMap<string, string>;
  readonly driversVersion: ReadonlyMap<string, string>;
  /** `0/ip`, `0/ipv4/0`, `0/ipv6/0` */
  readonly networks: ReadonlyMap<string, string>;
  readonly other: ReadonlyMap<string, string>;
  readonly canHotplugDisks: boolean;
  readonly canHotplugNics: boolean;
}

/** Runs domains. Every call resolves when the thing is done; a refusal is an ApiError of the model. */
export interface Compute {
  /** Whether the host keeps descriptions of VMs that do not run, and others may make and change them. */
  readonly keepsDefinitions: boolean;
  /** All domains that the host knows, halted ones of others included. */
  list(): Promise<readonly DomainState[]>;
  /** Called on every change of a domain's state, whoever caused it. */
  onState(listener: (state: DomainState) => void): Unsubscribe;
  /** Called when a guest's tools tell something new; undefined state: they fell silent. */
  onGuest(listener: (uuid: string, state: GuestState | undefined) => void): Unsubscribe;
  /** Every domain that can be read, with what it consists of; of one that lives, what it consists of now. */
  describe(): Promise<readonly FoundDomain[]>;
  /** The same for one; undefined when the host has none of the uuid. Rejects when it cannot be read, or the host is away. */
  describeOne(uuid: string): Promise<FoundDomain | undefined>;
  /** Called when the definition or the devices of a domain changed, whoever did it: `removed` when it is no longer defined and does not live. */
  onDefinition(listener: (uuid: string, what: 'changed' | 'removed') => void): Unsubscribe;
  /**
   * Keeps the description of a VM, so that the host's own tools can show and start it. What a description of another
   * origin has beyond the model stays. For one that lives, it holds from the next start on.
   */
  define(spec: DomainSpec): Promise<void>;
  start(spec: DomainSpec, paused: boolean, watch: Watch): Promise<void>;
  /** Asks the guest to shut down and waits until it has. */
  cleanShutdown(uuid: string, watch: Watch): Promise<void>;
  /** Ends a domain at once; one that is suspended loses its memory, and its description stays. */
  hardShutdown(uuid: string): Promise<void>;
  cleanReboot(spec: DomainSpec, watch: Watch): Promise<void>;
  hardReboot(spec: DomainSpec, watch: Watch): Promise<void>;
  pause(uuid: string): Promise<void>;
  unpause(uuid: string): Promise<void>;
  /** Writes memory to the volume and ends the domain. */
  suspend(uuid: string, image: VolumeAddress, watch: Watch): Promise<void>;
  /** Starts a domain from memory that `suspend` or `saveMemory` wrote. */
  resume(spec: DomainSpec, image: VolumeAddress, paused: boolean, watch: Watch): Promise<void>;
  /** Writes memory to the volume; the domain goes on afterwards. `frozen` runs while nothing moves. */
  saveMemory(uuid: string, image: VolumeAddress, frozen: () => Promise<void>, watch: Watch): Promise<void>;
  /**
   * Runs some work while the domain stands still, so that its disks are all of one moment; `quiesce`: while the file
   * systems of the guest are written out and frozen. Rejects with VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED where no guest tools can do that.
   */
  hold(uuid: string, quiesce: boolean, work: () => Promise<void>): Promise<void>;
  /** Bytes that `suspend` would need at most. */
  memoryImageSize(spec: DomainSpec): number;
  setVcpus(uuid: string, count: number): Promise<void>;
  /** Bounds between which the host moves the guest's memory; resolves with the new target in bytes. */
  setMemoryRange(uuid: string, minimum: number, maximum: number): Promise<number>;
  attachDisk(uuid: string, disk: DiskSpec): Promise<void>;
  /** Gives an attached disk the limits of speed that the description has, or none; the guest notices nothing else. */
  limitDisk(uuid: string, disk: Pick<DiskSpec, 'vbd' | 'qos'>): Promise<void>;
  detachDisk(uuid: string, vbd: string, force: boolean): Promise<void>;
  insertMedium(uuid: string, vbd: string, volume: VolumeAddress): Promise<void>;
  ejectMedium(uuid: string, vbd: string): Promise<void>;
  /** Copies the content of an attached disk to a volume that is at least as large, and goes on with that one; the guest notices nothing. */
  moveDisk(uuid: string, vbd: string, destination: VolumeAddress, watch: Watch): Promise<void>;
  /**
   * Ends what `moveDisk` of an earlier process may have left under way: the disk stays where it is now, which `describeOne` tells.
   * Nothing to do for a domain that does not live.
   */
  abandonMove(uuid: string, vbd: string): Promise<void>;
  attachNic(uuid: string, nic: NicSpec): Promise<void>;
  detachNic(uuid: string, vif: string, force: boolean): Promise<void>;
  /** Gives an attached card another bridge, filter or rate; the guest notices nothing. */
  changeNic(uuid: string, nic: NicSpec): Promise<void>;
  /** Moves a running domain to another host of the same pool; both see the same volumes. */
  migrate(spec: DomainSpec, destination: Compute, watch: Watch): Promise<void>;
  /** Removes what the host still keeps of a domain that is not running, its description too. */
  forget(uuid: string): Promise<void>;
}
