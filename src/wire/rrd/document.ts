/** How a row of an archive came about from the steps that it covers. */
export type Consolidation = 'AVERAGE' | 'MIN' | 'MAX';

/** Columns of one owner in a document of recent rows. */
export interface XportPart {
  /** What each column is: `AVERAGE:vm:UUID:cpu0`. */
  readonly entries: readonly string[];
  /** The value of a column in the row that ends at a time (seconds since the epoch); NaN where none is known. */
  at(time: number, column: number): number;
}

/** Recent rows of some owners. Times in seconds since the epoch; there are no rows when `end` lies before `start`. */
export interface XportDocument {
  /** Time of the oldest row. */
  readonly start: number;
  /** Seconds from row to row. */
  readonly step: number;
  /** Time of the newest row. */
  readonly end: number;
  readonly parts: readonly XportPart[];
}

/** One measured thing of a full document. */
export interface RrdSource {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  /** What was measured last; NaN when the last measurement did not have it. */
  readonly last: number;
  /** What has come together in the step that goes on: value times seconds, and seconds without a value. */
  readonly value: number;
  readonly unknownSeconds: number;
}

/** One archive of a full document. */
export interface RrdArchive {
  readonly consolidation: Consolidation;
  /** Steps in a row. */
  readonly steps: number;
  readonly rows: number;
  /** Share of the steps of a row that may be unknown while the row is known. */
  readonly unknownShare: number;
  /** What has come together of a source in the row that goes on, and how many of its steps are unknown. */
  pending(source: number): { readonly value: number; readonly unknown: number };
  /** The value of a source in a row, 0 being the oldest; NaN where none is known. */
  at(row: number, source: number): number;
}

/** Everything that is kept of one owner. */
export interface RrdDocument {
  /** Seconds. */
  readonly step: number;
  /** Seconds since the epoch of the last measurement. */
  readonly lastUpdate: number;
  /** Longest pause between two measurements, in seconds, that does not make the time between them unknown. */
  readonly heartbeat: number;
  readonly sources: readonly RrdSource[];
  readonly archives: readonly RrdArchive[];
}

/** Number of rows of a document of recent rows. */
export function rowCount({ start, step, end }: XportDocument): number {
  return end < start ? 0 : Math.floor((end - start) / step) + 1;
}

/** Number of its columns. */
export function columnCount({ parts }: XportDocument): number {
  return parts.reduce((count, { entries }) => count + entries.length, 0);
}
