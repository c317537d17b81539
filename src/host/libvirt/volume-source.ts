import type { Unsubscribe } from '../progress.js';
import type { VolumeAddress } from '../storage.js';

/** How QEMU reaches a volume. */
export interface VolumeSource {
  /** Absolute path of a file or block device. */
  readonly path: string;
  readonly kind: 'file' | 'block';
  readonly format: 'raw' | 'qcow2' | 'vpc' | 'vdi' | 'vmdk';
  readonly readOnly: boolean;
  /** Bytes that a guest sees, where that is known: a disk is copied to a larger volume in another way. */
  readonly virtualSize?: number | undefined;
}

/** Devices that are made larger while domains write to them, before they are full. Bytes are offsets in the device. */
export interface GrowingDisks {
  /** Where a write tells that more room is needed; undefined for what has all the room that it can need. */
  threshold(path: string): number | undefined;
  /** Makes sure of more room behind what is written. Rejects with SR_FULL. */
  extend(path: string, written: number): Promise<void>;
}

/** Those of all SRs that are attached. */
export interface GrowingSources extends GrowingDisks {
  /** Calls back when there are more: domains may have them already. Returns what ends that. */
  onMore(listener: () => void): Unsubscribe;
}

/** What compute needs to know of storage. */
export interface VolumeSources {
  /** Disks for which compute must say when they fill; absent where there are none of that kind. */
  readonly growing?: GrowingSources;
  /** Rejects with SR_NOT_ATTACHED or VDI_MISSING. */
  source(volume: VolumeAddress): Promise<VolumeSource>;
  /** Path of the file or device that takes the memory of a domain, for a volume that was made for it. Rejects as `source` does. */
  memoryImage(volume: VolumeAddress): Promise<string>;
  /** The volume of an attached SR that a path is the current data of; undefined when there is none. */
  locate(path: string): VolumeAddress | undefined;
  /** The SR that would have a file or device as volume, where none has. */
  cover(
    path: string,
  ): { readonly type: string; readonly deviceConfig: ReadonlyMap<string, string>; readonly location: string } | undefined;
}

/** What storage needs to know of the domains that use its volumes. */
export interface LiveDisks {
  /** Uuid of the domain that lives and has the file open as a writable disk; undefined when there is none. */
  user(path: string): string | undefined;
  /** Makes the domain that uses `path` go on in an overlay that lies above it and was made already; the guest notices nothing. */
  switchTo(path: string, overlay: VolumeSource): Promise<void>;
  /** Tells the domain that a disk of its has grown; size in bytes. */
  resize(path: string, size: number): Promise<void>;
  /**
   * Has the domain that uses `path` move what a layer of that disk holds into the one directly below, while its guest goes on. Resolves when
   * all is there: where the upper one is what the guest writes to, both are then written to until `pivot` or `endCommit`; else the
   * domain reads without the upper one from then on. Rejects with the reason of the signal, and where libvirt or QEMU cannot.
   */
  commit(path: string, layers: MergedLayers, signal: AbortSignal): Promise<void>;
  /**
   * Makes the domain go on in the lower layer alone. `holding` comes before its guest stands still, where it does; `gone` when the domain has gone over,
   * before anything is written there.
   */
  pivot(path: string, steps: { holding(): Promise<void>; gone(): Promise<void> }): Promise<void>;
  /** Gives up moving what layers of a disk hold, where that goes on; the domain goes on as it was. */
  endCommit(path: string): Promise<void>;
  /** Lets the guest go on of a domain that stands still for a `pivot` of an earlier process. */
  letGo(path: string): Promise<void>;
  /** Calls back with paths when a domain has let go of disks, by its end or otherwise. Returns what ends that. */
  onReleased(listener: (paths: readonly string[]) => void): Unsubscribe;
}

/** Two layers of a disk that become one: paths of each, the same file or device all. */
export interface MergedLayers {
  readonly upper: readonly string[];
  readonly lower: readonly string[];
}
