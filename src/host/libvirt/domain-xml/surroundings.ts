import type { VolumeSource, VolumeSources } from '../volume-source.js';

/** Kernel and ramdisk for a guest that boots none of its own: absolute paths on the host, and the kernel's arguments. */
export interface DirectBoot {
  readonly kernel: string;
  readonly ramdisk: string | undefined;
  readonly args: string;
}

/** What the host adds to the description of a VM. */
export interface Surroundings {
  /** Type of new domains. */
  readonly type: 'kvm' | 'qemu';
  /** Name of the domain where the one that follows from the label is taken; see `domainName`. */
  readonly name?: string;
  /**
   * Where the data of each VBD is, by its uuid. A disk that is missing here is left out of a new description, and stays as
   * it is in an existing one that has the same volume already.
   */
  readonly sources: ReadonlyMap<string, VolumeSource>;
  /** Kernel to boot directly; without it the guest boots from its devices. */
  readonly kernel?: DirectBoot | undefined;
  /** Absolute path of the Unix socket where the screen is served. */
  readonly vncSocket: string;
  /** Whether the host has firmware that can do secure boot. */
  readonly secureBoot?: boolean;
  /** Version of the control groups of the host: CPU weights have other numbers in each. Absent: 2. */
  readonly controlGroups?: 1 | 2;
  /** The volume that a path is the current data of, for drives of domains of other origin. */
  readonly locate?: VolumeSources['locate'];
  /** Name of the bridge of a libvirt network, for cards of domains of other origin. */
  readonly bridgeOf?: (network: string) => string | undefined;
  /** Bridges of Open vSwitch: cards on them need to say so. */
  readonly openVswitchBridges?: ReadonlySet<string>;
}
