/** A part of a disk, in bytes. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/**
 * The bytes of a volume that is open, anywhere in it. Several reads and writes may be under way at once, in whatever order they
 * end; the caller bounds their number and keeps them apart where they touch the same bytes. Whatever fails rejects with an
 * ApiError, VDI_IO_ERROR for anything outside of the volume and SR_FULL where there is no space left.
 */
export interface VolumeContent {
  /** In bytes. */
  readonly size: number;
  /** Bytes from an offset on; in the memory of `into`, where that is given and has room for them. */
  read(offset: number, length: number, into?: Buffer): Promise<Buffer>;
  /** The bytes may be used again by the caller when it resolves. */
  write(offset: number, data: Buffer): Promise<void>;
  /** Makes a part read as zeros; its space is free afterwards where the storage can do that. */
  zero(offset: number, length: number): Promise<void>;
  /** The parts that may be anything but zeros, ascending and merged. Made from what the storage knows, without reading data. */
  extents(): Promise<readonly Extent[]>;
  /** Resolves when everything that was written is durable and others can have the volume. More than once does no harm. */
  close(): Promise<void>;
}

/**
 * New content for a volume, which starts as zeros. The volume has its old content until `close` makes the new one its own, and
 * for good when that never happens.
 */
export interface VolumeRewrite extends VolumeContent {
  /** Gives the new content up. Does nothing after `close`. */
  abandon(): Promise<void>;
}

/** What a volume is opened for: `write` allows reading too. */
export type VolumeAccess = 'read' | 'write';
