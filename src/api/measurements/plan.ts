import type { Consolidation } from '../../wire/rrd/document.js';

/** Seconds of a step: the finest time that archives know. */
export const STEP = 5;

/** Longest pause between two measurements, in seconds, that does not make the time between them unknown. */
export const HEARTBEAT = 300;

/** Share of the steps of a row that may be unknown while the row is known. */
export const UNKNOWN_SHARE = 0.5;

/** One archive: so many rows, each of so many steps. */
export interface ArchivePlan {
  readonly consolidation: Consolidation;
  readonly steps: number;
  readonly rows: number;
}

/** Ten minutes of steps, two hours of minutes, a week of hours, a year of days. */
const SPANS = [
  { steps: 1, rows: 120 },
  { steps: 12, rows: 120 },
  { steps: 720, rows: 168 },
  { steps: 17_280, rows: 366 },
] as const;

/** The archives of an owner; `extremes`: with the smallest and largest values of the longer rows too. */
export function archivePlans(extremes: boolean): readonly ArchivePlan[] {
  const longer = SPANS.slice(1);
  return [
    ...SPANS.map((span) => ({ consolidation: 'AVERAGE', ...span }) as const),
    ...(extremes ? longer.map((span) => ({ consolidation: 'MIN', ...span }) as const) : []),
    ...(extremes ? longer.map((span) => ({ consolidation: 'MAX', ...span }) as const) : []),
  ];
}
