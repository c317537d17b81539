import type { Metric, MetricOwner } from '../../host/metrics.js';
import { Archive } from './archive.js';
import { type ArchivePlan, HEARTBEAT, STEP } from './plan.js';

/** Measured things of one owner: a VM with 64 CPUs, 255 disks and 7 cards has some 3,400. What comes beyond is left out. */
export const MAX_SOURCES = 4096;

/** Seconds for which something may be missing from the measurements (a card that was unplugged) before it is forgotten. */
const FORGOTTEN_AFTER = 7 * 24 * 3600;

/** One measured thing of an owner. */
export interface Source {
  readonly name: string;
  readonly description: string;
  readonly units: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Whether its history is kept. */
  recorded: boolean;
  /** Seconds since the epoch of the last measurement that had it. */
  seen: number;
}

/** The history of one owner: what is measured of it, and the archives of that. */
export class OwnerArchives {
  readonly owner: MetricOwner;
  readonly archives: readonly Archive[];
  #sources: Source[] = [];
  #columns = new Map<string, number>();
  #last = new Float64Array(0);
  /** Of the step that goes on: value times seconds, and seconds with a value. */
  #sum = new Float64Array(0);
  #known = new Float64Array(0);
  /** Milliseconds since the epoch; 0 before the first measurement. */
  #updated = 0;

  constructor(owner: MetricOwner, plans: readonly ArchivePlan[]) {
    this.owner = owner;
    this.archives = plans.map((plan) => new Archive(plan, 0));
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  /** Milliseconds since the epoch of the last measurement; 0 before the first. */
  get updated(): number {
    return this.#updated;
  }

  /** What has come together in the step that goes on, by column: value times seconds, and seconds with a value. */
  get step(): { readonly sum: Float64Array; readonly known: Float64Array } {
    return { sum: this.#sum, known: this.#known };
  }

  /** Place of a measured thing among the sources. */
  column(name: string): number | undefined {
    return this.#columns.get(name);
  }

  /** The value of a column at the last measurement; NaN when that did not have it. */
  last(column: number): number {
    return this.#last[column] ?? Number.NaN;
  }

  /** Takes in a measurement: its values hold for the time since the one before. One of the past is passed over. */
  update(now: number, metrics: readonly Metric[]): void {
    if (now < this.#updated - HEARTBEAT * 1000) this.#turnBack(now);
    if (now <= this.#updated) return;
    this.#addSources(metrics);
    const second = Math.floor(now / 1000);
    this.#last.fill(Number.NaN);
    for (const [place, { name, value, minimum, maximum }] of metrics.entries()) {
      const column = this.#sources[place]?.name === name ? place : this.#columns.get(name);
      const source = column === undefined ? undefined : this.#sources[column];
      if (column === undefined || source === undefined) continue;
      source.seen = second;
      if (value >= minimum && value <= maximum) this.#last[column] = value;
    }
    this.#advance(now);
    this.#updated = now;
  }

  /** Keeps the history of a source from now on, or drops it. False when there is none of the name. */
  setRecorded(name: string, recorded: boolean): boolean {
    const column = this.#columns.get(name);
    const source = column === undefined ? undefined : this.#sources[column];
    if (column === undefined || source === undefined) return false;
    source.recorded = recorded;
    if (recorded) return true;
    for (const archive of this.archives) archive.erase(column);
    this.#sum[column] = 0;
    this.#known[column] = 0;
    return true;
  }

  /** Drops the sources that have not been measured for long. Whose history is not wanted is remembered. */
  tidy(now: number): void {
    const kept = this.#sources.filter(({ seen, recorded }) => !recorded || now / 1000 - seen < FORGOTTEN_AFTER);
    if (kept.length < this.#sources.length) this.#setSources(kept);
  }

  /** Takes over what an earlier run has kept; the archives are filled by the caller. */
  restore(sources: readonly Source[], updated: number): void {
    this.#setSources([...sources]);
    this.#updated = updated;
  }

  #addSources(metrics: readonly Metric[]): void {
    let added: Source[] | undefined;
    for (const { name, description, units, minimum, maximum } of metrics) {
      const column = this.#columns.get(name);
      const known = column === undefined ? undefined : this.#sources[column];
      if (column !== undefined && known?.description === '')
        this.#sources[column] = { ...known, description, units, minimum, maximum };
      if (known || this.#sources.length + (added?.length ?? 0) >= MAX_SOURCES) continue;
      added ??= [];
      added.push({ name, description, units, minimum, maximum, recorded: true, seen: 0 });
    }
    if (added) this.#setSources([...this.#sources, ...added]);
  }

  #setSources(sources: Source[]): void {
    const from = sources.map(({ name }) => this.#columns.get(name) ?? -1);
    for (const archive of this.archives) archive.setColumns(from);
    const moved = (old: Float64Array, missing: number) =>
      Float64Array.from(from, (column) => (column < 0 ? missing : (old[column] ?? missing)));
    this.#last = moved(this.#last, Number.NaN);
    this.#sum = moved(this.#sum, 0);
    this.#known = moved(this.#known, 0);
    this.#sources = sources;
    this.#columns = new Map(sources.map(({ name }, column) => [name, column]));
  }

  /** Spreads the last values over the time since the measurement before, step by step. */
  #advance(now: number): void {
    const since = this.#updated / 1000;
    const until = now / 1000;
    if (!this.#updated || until - since > HEARTBEAT) {
      this.#pass(since, until);
      return;
    }
    let from = since;
    for (let end = (Math.floor(since / STEP) + 1) * STEP; end <= until; end += STEP) {
      this.#collect(end - from);
      this.#finishStep(end);
      from = end;
    }
    this.#collect(until - from);
  }

  #collect(seconds: number): void {
    for (let column = 0; column < this.#last.length; column++) {
      const value = this.#last[column] ?? Number.NaN;
      if (Number.isNaN(value) || this.#sources[column]?.recorded === false) continue;
      this.#sum[column] = (this.#sum[column] ?? 0) + value * seconds;
      this.#known[column] = (this.#known[column] ?? 0) + seconds;
    }
  }

  #finishStep(end: number): void {
    for (let column = 0; column < this.#sum.length; column++) {
      const known = this.#known[column] ?? 0;
      this.#sum[column] = known >= STEP / 2 ? (this.#sum[column] ?? 0) / known : Number.NaN;
    }
    for (const archive of this.archives) archive.push(end, this.#sum);
    this.#clearStep();
  }

  /** Passes over a time of which nothing is known. */
  #pass(since: number, until: number): void {
    const end = (Math.floor(since / STEP) + 1) * STEP;
    if (since > 0 && end <= until) this.#finishStep(end);
    const last = Math.floor(until / STEP) * STEP;
    if (since > 0 && last > end) for (const archive of this.archives) archive.skip(end, last);
    this.#clearStep();
  }

  #clearStep(): void {
    this.#sum.fill(0);
    this.#known.fill(0);
  }

  /** The clock was ahead: what was written for times that are still to come goes. */
  #turnBack(now: number): void {
    const second = now / 1000;
    for (const archive of this.archives) archive.cutAfter(second);
    this.#clearStep();
    this.#updated = 0;
  }
}
