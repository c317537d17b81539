/** One object as it is kept: its persistent fields as text, or null when the object is gone. */
export interface StoredRow {
  readonly className: string;
  readonly ref: string;
  readonly text: string | null;
}

/** Changes that become durable together or not at all. */
export interface StoreBatch {
  readonly rows: readonly StoredRow[];
  /** Small named values, such as the generation counters. */
  readonly meta: ReadonlyMap<string, string>;
}

/** What a store holds, read once at start. */
export interface StoreContents {
  readonly rows: Iterable<StoredRow>;
  readonly meta: ReadonlyMap<string, string>;
}

/** Where the object database is kept between two runs of the daemon. Written by one process at a time. */
export interface Store {
  /** Everything that was made durable. Called once, before the first write. */
  load(): Promise<StoreContents>;
  /**
   * Resolves when the batch has reached the disk; rejects when it has not, and then nothing of it is kept. Batches are
   * kept in the order of the calls, which need not wait for each other: those issued before a failure was told fail too.
   */
  write(batch: StoreBatch): Promise<void>;
  /** Finishes what was started and lets go of the files. */
  close(): Promise<void>;
}
