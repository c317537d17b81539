import type { Readable, Writable } from 'node:stream';
import type { Watch } from './progress.js';
import type { Initiator, StoragePaths } from './storage-network.js';
import type { Extent, VolumeAccess, VolumeContent, VolumeRewrite } from './volume-content.js';

/** Names a volume: its SR's uuid and its own location there. */
export interface VolumeAddress {
  readonly sr: string;
  readonly location: string;
}

/** A kind of SR that the host can serve; becomes an SM object. */
export interface StorageDriver {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly vendor: string;
  readonly version: string;
  /** device_config keys with what they are for. */
  readonly configuration: ReadonlyMap<string, string>;
  /** Names as in SM.features: `VDI_CREATE`, `VDI_SNAPSHOT`, ... */
  readonly features: readonly string[];
  readonly contentType: string;
  /** Whether several hosts may see one SR of the kind. */
  readonly shareable: boolean;
}

/** What identifies an SR and how to reach it. Sizes in bytes. */
export interface SrSpec {
  readonly uuid: string;
  readonly type: string;
  readonly deviceConfig: ReadonlyMap<string, string>;
  readonly smConfig: ReadonlyMap<string, string>;
  readonly contentType: string;
  readonly shared: boolean;
  /** Whether the host is to reach it over every way that there is. */
  readonly multipath?: boolean;
}

/** Space of an SR in bytes. */
export interface SrSpace {
  readonly physicalSize: number;
  readonly physicalUtilisation: number;
}

/** What is said of a volume; storage keeps it beside the data and makes nothing of it. */
export interface VolumeLabel {
  readonly name: string;
  readonly description: string;
  /** What a pool needs of it to have the same disk again where the SR is introduced anew. */
  readonly properties: ReadonlyMap<string, string>;
}

/** A disk as storage knows it. Sizes in bytes. */
export interface Volume {
  readonly uuid: string;
  readonly location: string;
  readonly virtualSize: number;
  readonly physicalUtilisation: number;
  readonly readOnly: boolean;
  readonly name: string;
  readonly description: string;
  /** As in its label; absent where nothing is kept of it. */
  readonly properties?: ReadonlyMap<string, string>;
  readonly smConfig: ReadonlyMap<string, string>;
}

/** What a probe finds: an SR that could be introduced, or a step on the way to one. */
export interface ProbeFinding {
  readonly configuration: ReadonlyMap<string, string>;
  readonly complete: boolean;
  readonly sr?: {
    readonly uuid: string;
    readonly name: string;
    readonly description: string;
    readonly totalSpace: number;
    readonly freeSpace: number;
  };
  readonly extraInfo: ReadonlyMap<string, string>;
}

export interface NewVolume {
  readonly uuid: string;
  readonly virtualSize: number;
  readonly name: string;
  readonly description: string;
  /** As in its label; none unless given. */
  readonly properties?: ReadonlyMap<string, string>;
  readonly smConfig: ReadonlyMap<string, string>;
}

/** Keeps disks. Volumes of an SR can be used after `attach`. A refusal is an ApiError of the model. */
export interface Storage {
  /** The ways to SRs on storage networks; absent where nothing is known of such. */
  readonly paths?: StoragePaths;
  /** The host's iSCSI initiator; absent where it has a name of its own that nobody can change. */
  readonly initiator?: Initiator | undefined;
  drivers(): readonly StorageDriver[];
  /** Makes a new SR; it is not attached afterwards. */
  createSr(sr: SrSpec, size: number): Promise<void>;
  /** Removes an SR with everything in it. */
  destroySr(sr: SrSpec): Promise<void>;
  probe(
    type: string,
    deviceConfig: ReadonlyMap<string, string>,
    smConfig: ReadonlyMap<string, string>,
  ): Promise<readonly ProbeFinding[]>;
  attach(sr: SrSpec): Promise<void>;
  detach(sr: string): Promise<void>;
  space(sr: string): Promise<SrSpace>;
  /** Bytes that volumes take now, by location: those that were seen at the last scan, and at less cost than one. None where that never changes. */
  utilisations(sr: string): Promise<ReadonlyMap<string, number>>;
  /** Every volume that is there, whoever made it. */
  scan(sr: string): Promise<readonly Volume[]>;
  createVolume(sr: string, volume: NewVolume): Promise<Volume>;
  destroyVolume(volume: VolumeAddress): Promise<void>;
  resizeVolume(volume: VolumeAddress, size: number): Promise<Volume>;
  /** Keeps what is said of a volume with it, for whoever introduces the SR elsewhere. Nothing to do where storage keeps no names. */
  labelVolume(volume: VolumeAddress, label: VolumeLabel): Promise<void>;
  /** A read-only copy as of now, in the same time whatever the size. Names are those of the volume, properties those given. */
  snapshotVolume(volume: VolumeAddress, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume>;
  /** A writable copy, in the same time whatever the size. Names and properties as with a snapshot. */
  cloneVolume(volume: VolumeAddress, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume>;
  /** A full copy, maybe into another SR of the same host. */
  copyVolume(volume: VolumeAddress, destinationSr: string, copy: NewVolume, watch: Watch): Promise<Volume>;
  /** Copies all data of one volume over another one that is at least as large. */
  copyInto(volume: VolumeAddress, destination: VolumeAddress, watch: Watch): Promise<void>;
  /** Gives a volume the content of one of its snapshots. */
  revertVolume(volume: VolumeAddress, snapshot: VolumeAddress): Promise<Volume>;
  /**
   * Opens the content of a volume. For writing, nobody else may have it: rejects with VDI_IN_USE, VDI_READONLY. Of one that a
   * running domain writes to, what is read is that of this moment.
   */
  open(volume: VolumeAddress, access: VolumeAccess): Promise<VolumeContent>;
  /**
   * Begins to replace all of the content of a volume, which nobody else may have meanwhile. The old content takes its space until
   * the new one is complete. Rejects with VDI_IN_USE, VDI_READONLY, SR_OPERATION_NOT_SUPPORTED where disks are devices.
   */
  rewrite(volume: VolumeAddress): Promise<VolumeRewrite>;
  /**
   * The parts in which a volume may differ from another one, within its own size, ascending and merged: those written since both
   * had the same content, or all that either holds where they never had. Bytes that the other one does not have count as zeros.
   */
  changes(volume: VolumeAddress, base: VolumeAddress): Promise<readonly Extent[]>;
  /** The content as raw bytes, from an offset on. */
  read(volume: VolumeAddress, offset?: number): Promise<Readable>;
  /** Takes raw bytes to be written from an offset on. */
  write(volume: VolumeAddress, offset?: number): Promise<Writable>;
}
