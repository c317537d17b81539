import type { MetricOwner } from '../../host/metrics.js';
import type { Consolidation, RrdDocument, XportDocument, XportPart } from '../../wire/rrd/document.js';
import type { Archive } from './archive.js';
import type { OwnerArchives } from './owner-archives.js';
import { HEARTBEAT, STEP, UNKNOWN_SHARE } from './plan.js';

/** Which rows are wanted. */
export interface WantedRows {
  /** Seconds since the epoch, or before the last measurement when negative. */
  readonly start: number;
  /** Seconds from row to row: the archive with these or more counts. Without it: the finest archive that reaches back to the start. */
  readonly interval: number | undefined;
  /** One kind of row; all kinds without it. */
  readonly consolidation: Consolidation | undefined;
}

/**
 * The recent rows of some owners. Undefined when none of them has been measured. The document reads the archives while it is written:
 * its rows are those of now, but the oldest may become unknown meanwhile.
 */
export function recentRows(owners: readonly OwnerArchives[], wanted: WantedRows): XportDocument | undefined {
  const measured = owners.filter(({ updated }) => updated > 0);
  if (!measured.length) return undefined;
  const updated = Math.floor(Math.max(...measured.map((one) => one.updated)) / 1000);
  const start = wanted.start < 0 ? updated + wanted.start : wanted.start;
  const candidates = measured.flatMap(({ archives }) => archives.filter(({ plan }) => fits(plan.consolidation, wanted)));
  const step = chooseStep(candidates, { ...wanted, start }, updated);
  const parts = measured.flatMap((one) => partsOf(one, step, wanted));
  const end = updated - (updated % step);
  const chosen = candidates.filter(({ rows }) => rows.interval === step);
  const oldest = Math.min(...chosen.map(({ rows }) => oldestOf(rows)));
  const capacity = Math.max(1, ...chosen.map(({ rows }) => rows.capacity));
  const first = Math.max(Math.floor(start / step) * step, end - (capacity - 1) * step, oldest);
  return first <= end ? { start: first, step, end, parts } : { start: end + step, step, end, parts };
}

function fits(consolidation: Consolidation, wanted: WantedRows): boolean {
  return wanted.consolidation === undefined || wanted.consolidation === consolidation;
}

/** Time of the oldest row; the end of all times when there is none. */
function oldestOf({ count, newest, interval }: Archive['rows']): number {
  return count ? newest - (count - 1) * interval : Number.POSITIVE_INFINITY;
}

function chooseStep(candidates: readonly Archive[], { interval, start }: WantedRows, updated: number): number {
  const steps = [...new Set(candidates.map(({ rows }) => rows.interval))].sort((a, b) => a - b);
  const coarsest = steps.at(-1) ?? STEP;
  if (interval !== undefined) return steps.find((step) => step >= interval) ?? coarsest;
  const reaches = (step: number) =>
    candidates.some(({ rows }) => rows.interval === step && start > updated - (updated % step) - rows.capacity * step);
  return steps.find(reaches) ?? coarsest;
}

function partsOf({ owner, archives, sources }: OwnerArchives, step: number, wanted: WantedRows): XportPart[] {
  const columns = sources.flatMap(({ recorded }, column) => (recorded ? [column] : []));
  return archives
    .filter(({ plan, rows }) => rows.interval === step && fits(plan.consolidation, wanted))
    .map(({ plan, rows }) => ({
      entries: columns.map((column) => `${plan.consolidation}:${owner.kind}:${owner.uuid}:${sources[column]?.name ?? ''}`),
      at: (time, entry) => rows.at(time, columns[entry] ?? -1),
    }));
}

/** Everything that is kept of one owner, each archive with all the rows that it can have. */
export function allRows(archives: OwnerArchives): RrdDocument {
  const lastUpdate = Math.floor(archives.updated / 1000);
  const columns = archives.sources.flatMap(({ recorded }, column) => (recorded ? [column] : []));
  const columnOf = (source: number) => columns[source] ?? -1;
  const { sum, known } = archives.step;
  return {
    step: STEP,
    lastUpdate,
    heartbeat: HEARTBEAT,
    sources: columns.flatMap((column) => {
      const source = archives.sources[column];
      if (!source) return [];
      const { name, minimum, maximum } = source;
      const seconds = known[column] ?? 0;
      const unknownSeconds = Math.max(0, Math.floor((lastUpdate % STEP) - seconds));
      return [{ name, minimum, maximum, last: archives.last(column), value: sum[column] ?? 0, unknownSeconds }];
    }),
    archives: archives.archives.map(({ plan, rows, pending }) => {
      const end = lastUpdate - (lastUpdate % rows.interval);
      const passed = Math.floor((lastUpdate - end) / STEP);
      return {
        consolidation: plan.consolidation,
        steps: plan.steps,
        rows: plan.rows,
        unknownShare: UNKNOWN_SHARE,
        pending: (source) => ({
          value: pending.values[columnOf(source)] ?? 0,
          unknown: Math.max(0, passed - (pending.known[columnOf(source)] ?? 0)),
        }),
        at: (row, source) => rows.at(end - (plan.rows - 1 - row) * rows.interval, columnOf(source)),
      };
    }),
  };
}

/** Whose archives a document of recent rows is made of. */
export interface WantedOwners {
  readonly host: boolean;
  /** All of them without a list. */
  readonly vms: readonly string[] | undefined;
  readonly srs: readonly string[];
}

/** The owners of a document. `resident` are the VMs of the host that is asked. */
export function ownersOf(hostUuid: string, resident: readonly string[], { host, vms, srs }: WantedOwners): MetricOwner[] {
  return [
    ...(host ? [{ kind: 'host', uuid: hostUuid } as const] : []),
    ...(vms ?? resident).map((uuid) => ({ kind: 'vm', uuid }) as const),
    ...srs.map((uuid) => ({ kind: 'sr', uuid }) as const),
  ];
}
