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
  /** Calls back when a domain has let go of disks, by its end or otherwise. Returns what ends that. */
  onReleased(listener: () => void): Unsubscribe;
}
