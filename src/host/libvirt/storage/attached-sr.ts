import type { NewVolume, SrSpace, Volume } from '../../storage.js';
import type { VolumeSource } from '../volume-source.js';

/** A volume that is being written to: nothing else changes it until it is released. Size in bytes. */
export interface WritableVolume {
  readonly uuid: string;
  readonly source: VolumeSource;
  readonly size: number;
  release(): void;
}

/** A volume's content, which nobody writes to. */
export interface ReadableVolume {
  readonly uuid: string;
  readonly source: VolumeSource;
  /** Bytes of the volume. A memory image may have fewer: the rest are zeros. */
  readonly size: number;
  /** Whether it is the memory image that the volume was made for. */
  readonly isMemory: boolean;
}

/** Where the content of a new volume goes: its data, or the memory of a domain. */
export interface Fillable {
  readonly source: VolumeSource;
  readonly memoryPath: string;
}

/**
 * An SR that is attached to a host. Volumes are named by their locations; refusals are ApiErrors of the model, as `Storage`
 * has them.
 */
export interface AttachedSr {
  space(): Promise<SrSpace>;
  scan(): Promise<readonly Volume[]>;
  /** Makes a volume. It is there only once `fill` has succeeded; without that, it is empty. */
  create(volume: NewVolume, fill?: (target: Fillable) => Promise<void>): Promise<Volume>;
  destroy(location: string): Promise<void>;
  resize(location: string, size: number): Promise<Volume>;
  snapshot(location: string, uuid: string): Promise<Volume>;
  clone(location: string, uuid: string): Promise<Volume>;
  revert(location: string, snapshot: string): Promise<Volume>;
  source(location: string): Promise<VolumeSource>;
  /** Content to be read. Of a volume that a running domain writes to, it is that of this moment. */
  reading(location: string): Promise<ReadableVolume>;
  /** Rejects with VDI_READONLY, VDI_IN_USE. */
  writing(location: string): Promise<WritableVolume>;
  memoryImage(location: string): Promise<string>;
  /** Location of the volume whose current data a path is. */
  locate(path: string): string | undefined;
}
