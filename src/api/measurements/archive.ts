import { type ArchivePlan, STEP, UNKNOWN_SHARE } from './plan.js';
import { Rows } from './rows.js';

/** What an archive has beside its rows: what has come together of each column in the row that goes on. */
export interface PendingRow {
  readonly values: Float64Array;
  readonly known: Float64Array;
}

/** One archive of an owner: steps come in, each so many of them make a row. */
export class Archive {
  readonly plan: ArchivePlan;
  #rows: Rows;
  #pending: PendingRow;

  constructor(plan: ArchivePlan, columns: number) {
    this.plan = plan;
    this.#rows = new Rows(columns, plan.rows, plan.steps * STEP);
    this.#pending = emptyRow(columns);
  }

  /** What a reader sees stays as it is when columns change: those get rows of their own. */
  get rows(): Rows {
    return this.#rows;
  }

  get pending(): PendingRow {
    return this.#pending;
  }

  /** Takes in the values of the step that ends at a time; NaN is unknown. */
  push(time: number, step: Float64Array): void {
    const { values, known } = this.#pending;
    const { consolidation } = this.plan;
    for (let column = 0; column < step.length; column++) {
      const value = step[column] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const before = values[column] ?? 0;
      if (consolidation === 'AVERAGE') values[column] = before + value;
      else if (!known[column]) values[column] = value;
      else values[column] = consolidation === 'MIN' ? Math.min(before, value) : Math.max(before, value);
      known[column] = (known[column] ?? 0) + 1;
    }
    if (time % this.#rows.interval === 0) this.#finish(time);
  }

  /** Passes over steps of which nothing is known: those after `from`, up to the one that ends at `to`. */
  skip(from: number, to: number): void {
    const { interval, columns } = this.#rows;
    const first = (Math.floor(from / interval) + 1) * interval;
    const last = Math.floor(to / interval) * interval;
    if (first > last) return;
    this.#finish(first);
    if (last > first) this.#rows.push(last, new Float64Array(columns).fill(Number.NaN));
  }

  /** Gives it other columns: for each new one the old one, or -1. */
  setColumns(from: readonly number[]): void {
    this.#rows = this.#rows.withColumns(from);
    const old = this.#pending;
    this.#pending = emptyRow(from.length);
    for (const [column, before] of from.entries()) {
      if (before < 0) continue;
      this.#pending.values[column] = old.values[before] ?? 0;
      this.#pending.known[column] = old.known[before] ?? 0;
    }
  }

  /** Forgets what a column has been. */
  erase(column: number): void {
    this.#rows.erase(column);
    this.#pending.values[column] = 0;
    this.#pending.known[column] = 0;
  }

  /** Forgets what comes after a time: the clock was wrong. */
  cutAfter(time: number): void {
    this.#rows.cutAfter(time);
    this.#clearPending();
  }

  /** Takes over what an earlier run has kept. */
  restore(rows: Float32Array, newest: number, pending: PendingRow): void {
    this.#rows.restore(rows, newest);
    this.#pending.values.set(pending.values);
    this.#pending.known.set(pending.known);
  }

  #finish(time: number): void {
    const { values, known } = this.#pending;
    const { consolidation, steps } = this.plan;
    for (let column = 0; column < values.length; column++) {
      const count = known[column] ?? 0;
      const value = values[column] ?? 0;
      if (count < steps * (1 - UNKNOWN_SHARE)) values[column] = Number.NaN;
      else values[column] = consolidation === 'AVERAGE' ? value / count : value;
    }
    this.#rows.push(time, values);
    this.#clearPending();
  }

  #clearPending(): void {
    this.#pending.values.fill(0);
    this.#pending.known.fill(0);
  }
}

function emptyRow(columns: number): PendingRow {
  return { values: new Float64Array(columns), known: new Float64Array(columns) };
}
