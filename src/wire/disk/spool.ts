/** Keeps parts of a stream that may be wanted later. */
export interface Spool {
  /** Keeps bytes that stood at a place of the stream. Rejects when there are too many. */
  keep(at: number, bytes: Buffer): Promise<void>;
  /** Bytes that stood at a place; undefined when they were not kept, all or some of them. */
  find(at: number, length: number): Promise<Buffer | undefined>;
}
