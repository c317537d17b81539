/** Bytes of a disk, with where they belong. */
export interface DiskPiece {
  readonly offset: number;
  readonly data: Buffer;
}

/** A disk that comes in a file of some format. */
export interface DiskStream {
  /** Bytes of the disk; undefined when the format does not say so before its end. */
  readonly size: number | undefined;
  /**
   * Bytes from the start of the disk of which the file says everything: what no piece covers there is zeros. Infinite for images of
   * whole disks. What lies behind stays as it was where no piece covers it.
   */
  readonly wholeUpTo: number;
  /** Whether a later piece may be about bytes of an earlier one. */
  readonly mayRepeat: boolean;
  /**
   * The pieces in the order of the file, all within the size where that is known. Each may be changed by whoever takes the next one.
   * Throws IMPORT_ERROR for what makes no sense, IMPORT_ERROR_PREMATURE_EOF where the stream ends in the middle.
   */
  pieces(): AsyncGenerator<DiskPiece, void, void>;
}
