import type { NewVolume, SrSpace, Volume, VolumeLabel } from '../../storage.js';
import type { GrowingDisks, VolumeSource } from '../volume-source.js';

/** A volume that is being written to: nothing else changes it until it is released. Size in bytes. */
export interface WritableVolume {
  readonly uuid: string;
  readonly source: VolumeSource;
  readonly size: number;
  /** To be called before so many bytes are written in one piece, or zeros. Rejects with ImageError when there is no room. */
  makeRoom(bytes: number): Promise<void>;
  release(): void;
}

/** New content of a volume, to take the place of the old one. Either `commit` or `drop` ends it. */
export interface RewrittenVolume extends Omit<WritableVolume, 'release'> {
  commit(): Promise<void>;
  /** The volume keeps what it has. */
  drop(): Promise<void>;
}

/** A volume's content, which nobody writes to. */
export interface ReadableVolume {
  readonly uuid: string;
  readonly source: VolumeSource;
  /** Bytes of the volume. A memory image may have fewer: the rest are zeros. */
  readonly size: number;
  /** Whether it is the memory image that the volume was made for. */
  readonly isMemory: boolean;
  /** Names, unique in the SR, of the images that the content consists of, the newest first; what else lies below has none. */
  readonly layers: readonly string[];
}

/** Where the content of a new volume goes: its data, or the memory of a domain. Both reject with ImageError. */
export interface Fillable {
  readonly source: VolumeSource;
  /** To be called before so many bytes are written. */
  makeRoom(bytes: number): Promise<void>;
  /** Makes the content of a disk, of so many bytes, the memory image that the volume is for. */
  takeMemory(from: VolumeSource, size: number): Promise<void>;
}

/**
 * An SR that is attached to a host. Volumes are named by their locations; refusals are ApiErrors of the model, as `Storage`
 * has them.
 */
export interface AttachedSr {
  space(): Promise<SrSpace>;
  scan(): Promise<readonly Volume[]>;
  /** As `Storage` has it; absent where it never changes. */
  utilisations?(): Promise<ReadonlyMap<string, number>>;
  /** Makes a volume. It is there only once `fill` has succeeded; without that, it is empty. */
  create(volume: NewVolume, fill?: (target: Fillable) => Promise<void>): Promise<Volume>;
  destroy(location: string): Promise<void>;
  resize(location: string, size: number): Promise<Volume>;
  /** Keeps what is said of a volume; absent where nothing is kept of volumes. Those of others keep the names of their files. */
  label?(location: string, label: VolumeLabel): Promise<void>;
  snapshot(location: string, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume>;
  clone(location: string, uuid: string, properties?: VolumeLabel['properties']): Promise<Volume>;
  revert(location: string, snapshot: string): Promise<Volume>;
  source(location: string): Promise<VolumeSource>;
  /** Content to be read. Of a volume that a running domain writes to, it is that of this moment. */
  reading(location: string): Promise<ReadableVolume>;
  /** Rejects with VDI_READONLY, VDI_IN_USE. */
  writing(location: string): Promise<WritableVolume>;
  /** Makes room for new content of a volume, which is zeros. Rejects as `writing`. */
  rewriting(location: string): Promise<RewrittenVolume>;
  memoryImage(location: string): Promise<string>;
  /** Location of the volume whose current data a path is. */
  locate(path: string): string | undefined;
  /** Where room must be made for running domains; absent where it need not be. */
  readonly growing?: GrowingDisks | undefined;
  /** Ends what the SR does by itself, for good. What it began goes on in the next process. */
  rest?(): Promise<void>;
  /** Gives back what the SR holds on the host, such as a mount. Rejects when that is still in use; nothing has changed then. */
  close?(): Promise<void>;
}
