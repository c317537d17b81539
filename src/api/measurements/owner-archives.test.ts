import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Metric } from '../../host/metrics.js';
import { MAX_SOURCES, OwnerArchives } from './owner-archives.js';
import { type ArchivePlan, archivePlans, HEARTBEAT, STEP } from './plan.js';

const owner = { kind: 'vm', uuid: '00000000-0000-0000-0000-000000000001' } as const;
/** A time at which rows of every length end. */
const START = 17_280 * 5 * 20_000;

/** Short archives, so that a few hundred steps pass through all of them. */
const PLANS: readonly ArchivePlan[] = [
  { consolidation: 'AVERAGE', steps: 1, rows: 12 },
  { consolidation: 'AVERAGE', steps: 4, rows: 10 },
  { consolidation: 'MIN', steps: 4, rows: 10 },
  { consolidation: 'MAX', steps: 12, rows: 5 },
];

function metric(name: string, value: number, bounds: Partial<Metric> = {}): Metric {
  const [minimum, maximum] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return { owner, name, description: name, units: 'B', value, minimum, maximum, ...bounds };
}

function at(archives: OwnerArchives, plan: number, time: number, name = 'a'): number {
  const column = archives.column(name);
  if (column === undefined) throw new Error('no such source');
  return archives.archives[plan]?.rows.at(time, column) ?? Number.NaN;
}

/** The value of each step by the definition: of every second (tenths of them here) what the measurement after it says. */
function stepsByHand(samples: readonly { time: number; value: number }[]): Map<number, number> {
  const tenths = new Map<number, number[]>();
  for (const [i, { time, value }] of samples.entries()) {
    const before = samples[i - 1];
    if (!before || time - before.time > HEARTBEAT * 10 || Number.isNaN(value)) continue;
    for (let tenth = before.time; tenth < time; tenth++) {
      const end = (Math.floor(tenth / (STEP * 10)) + 1) * STEP;
      tenths.set(end, [...(tenths.get(end) ?? []), value]);
    }
  }
  const last = samples.at(-1)?.time ?? 0;
  const known = [...tenths].filter(([end, list]) => list.length >= (STEP * 10) / 2 && end * 10 <= last);
  return new Map(known.map(([end, list]) => [end, list.reduce((sum, value) => sum + value, 0) / list.length]));
}

function rowByHand(steps: ReadonlyMap<number, number>, plan: ArchivePlan, end: number): number {
  const values: number[] = [];
  for (let i = 0; i < plan.steps; i++) {
    const value = steps.get(end - i * STEP);
    if (value !== undefined) values.push(value);
  }
  if (values.length < plan.steps / 2) return Number.NaN;
  if (plan.consolidation === 'MIN') return Math.min(...values);
  if (plan.consolidation === 'MAX') return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('archives', () => {
  it('hold what the definition says, however irregular the measurements are', () => {
    const pause = fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 40, max: 60 }) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 400 }) },
      { weight: 1, arbitrary: fc.integer({ min: HEARTBEAT * 10 - 50, max: HEARTBEAT * 10 + 2000 }) },
    );
    const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1000, max: 1000 }) }, fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.array(fc.tuple(pause, value), { minLength: 1, maxLength: 150 }), (list) => {
        const archives = new OwnerArchives(owner, PLANS);
        let time = START * 10;
        const samples = list.map(([wait, given]) => {
          time += wait;
          return { time, value: given };
        });
        for (const sample of samples) archives.update(sample.time * 100, [metric('a', sample.value)]);
        const steps = stepsByHand(samples);
        for (const [number, plan] of PLANS.entries()) {
          const interval = plan.steps * STEP;
          const newest = Math.floor(time / 10 / interval) * interval;
          for (let back = 0; back < plan.rows; back++) {
            const end = newest - back * interval;
            const [found, wanted] = [at(archives, number, end), rowByHand(steps, plan, end)];
            if (Number.isNaN(wanted)) expect(found).toBeNaN();
            else expect(Math.abs(found - wanted)).toBeLessThan(0.001);
          }
          expect(at(archives, number, newest - plan.rows * interval)).toBeNaN();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('take a value out of its bounds for unknown', () => {
    const archives = new OwnerArchives(owner, PLANS);
    for (let i = 0; i < 3; i++) archives.update((START + i * STEP) * 1000, [metric('a', 2, { minimum: 0, maximum: 1 })]);
    expect(at(archives, 0, START + STEP)).toBeNaN();
  });

  it('know a source from when on it is measured, and keep the others as they were', () => {
    const archives = new OwnerArchives(owner, PLANS);
    for (let i = 0; i < 3; i++) archives.update((START + i * STEP) * 1000, [metric('a', 7)]);
    for (let i = 3; i < 6; i++) archives.update((START + i * STEP) * 1000, [metric('b', 9), metric('a', 7)]);
    for (let i = 1; i < 6; i++) expect(at(archives, 0, START + i * STEP)).toBe(7);
    expect(at(archives, 0, START + 2 * STEP, 'b')).toBeNaN();
    expect(at(archives, 0, START + 3 * STEP, 'b')).toBe(9);
  });

  it('do not change under a reader when a source is added', () => {
    const archives = new OwnerArchives(owner, PLANS);
    for (let i = 0; i < 3; i++) archives.update((START + i * STEP) * 1000, [metric('a', 7)]);
    const rows = archives.archives[0]?.rows;
    for (let i = 3; i < 99; i++) archives.update((START + i * STEP) * 1000, [metric('b', 9), metric('a', 8)]);
    expect([rows?.count, rows?.at(START + 2 * STEP, 0)]).toEqual([2, 7]);
  });

  it('forget a source that nobody wants, and one that is measured no longer after a week', () => {
    const archives = new OwnerArchives(owner, PLANS);
    for (let i = 0; i < 3; i++) archives.update((START + i * STEP) * 1000, [metric('a', 7), metric('b', 7)]);
    expect(archives.setRecorded('a', false)).toBe(true);
    expect(archives.setRecorded('c', false)).toBe(false);
    expect([at(archives, 0, START + STEP), at(archives, 0, START + STEP, 'b')]).toEqual([Number.NaN, 7]);
    archives.update((START + 3 * STEP) * 1000, [metric('a', 7), metric('b', 7)]);
    expect(at(archives, 0, START + 3 * STEP)).toBeNaN();
    archives.setRecorded('a', true);
    archives.update((START + 4 * STEP) * 1000, [metric('a', 7)]);
    expect(at(archives, 0, START + 4 * STEP)).toBe(7);
    const week = 7 * 24 * 3600 * 1000;
    archives.tidy((START + 3 * STEP) * 1000 + week - 1);
    expect(archives.column('b')).toBeDefined();
    archives.tidy((START + 3 * STEP) * 1000 + week);
    expect([archives.column('b'), at(archives, 0, START + 4 * STEP)]).toEqual([undefined, 7]);
  });

  it('pass over a measurement of the past, and give up a future that a wrong clock has made', () => {
    const archives = new OwnerArchives(owner, archivePlans(false));
    for (let i = 0; i < 200; i++) archives.update((START + i * STEP) * 1000, [metric('a', i)]);
    archives.update((START + 190 * STEP) * 1000, [metric('a', -1)]);
    expect(archives.updated).toBe((START + 199 * STEP) * 1000);
    archives.update((START + 100 * STEP) * 1000, [metric('a', -1)]);
    archives.update((START + 101 * STEP) * 1000, [metric('a', -1)]);
    expect([at(archives, 0, START + 101 * STEP), at(archives, 0, START + 150 * STEP)]).toEqual([-1, Number.NaN]);
    expect([at(archives, 1, START + 96 * STEP), at(archives, 1, START + 108 * STEP)]).toEqual([90.5, Number.NaN]);
  });

  it('leave out sources beyond the limit', () => {
    const archives = new OwnerArchives(owner, PLANS);
    const many = Array.from({ length: MAX_SOURCES + 5 }, (_, i) => metric(`s${i}`, 1));
    archives.update(START * 1000, many);
    expect(archives.sources).toHaveLength(MAX_SOURCES);
  });

  it('pass at once over the time in which nobody measured', () => {
    const archives = new OwnerArchives(owner, archivePlans(true));
    for (let i = 0; i < 30; i++) archives.update((START + i * STEP) * 1000, [metric('a', 7)]);
    const [hour, year] = [START + 3600, START + 365 * 24 * 3600];
    for (let i = 0; i < 2; i++) archives.update((hour + i * STEP) * 1000, [metric('a', 8)]);
    expect([START + 60, START + 1800, hour].map((time) => at(archives, 1, time))).toEqual([7, Number.NaN, Number.NaN]);
    expect([hour, hour + STEP].map((time) => at(archives, 0, time))).toEqual([Number.NaN, 8]);
    const before = performance.now();
    for (let i = 0; i < 2; i++) archives.update((year + i * STEP) * 1000, [metric('a', 9)]);
    expect(performance.now() - before).toBeLessThan(100);
    expect([START + 60, year + STEP].map((time) => at(archives, 0, time))).toEqual([Number.NaN, 9]);
  });
});
