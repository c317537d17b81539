import { describe, expect, it } from 'vitest';
import type { MetricOwner } from '../../host/metrics.js';
import { rowCount } from '../../wire/rrd/document.js';
import { allRows, recentRows, type WantedRows } from './documents.js';
import { OwnerArchives } from './owner-archives.js';
import { archivePlans, STEP } from './plan.js';

const START = 17_280 * 5 * 20_000;
const vm: MetricOwner = { kind: 'vm', uuid: 'v' };
const host: MetricOwner = { kind: 'host', uuid: 'h' };

/** Archives of somebody whose value counts the steps from the start on. */
function counted(owner: MetricOwner, steps: number, name = 'a'): OwnerArchives {
  const archives = new OwnerArchives(owner, archivePlans(owner.kind === 'host'));
  const common = { owner, name, description: 'd', units: 'u', minimum: 0, maximum: Number.POSITIVE_INFINITY };
  for (let i = 0; i <= steps; i++) archives.update((START + i * STEP) * 1000, [{ ...common, value: i }]);
  return archives;
}

function recent(owners: readonly OwnerArchives[], wanted: Partial<WantedRows>) {
  const document = recentRows(owners, { start: START, interval: undefined, consolidation: 'AVERAGE', ...wanted });
  if (!document) throw new Error('no document');
  return document;
}

describe('recent rows', () => {
  it('begin with the row that the start lies in', () => {
    const document = recent([counted(vm, 50)], { start: START + 40 * STEP + 3, interval: 5 });
    expect([document.start, document.end, document.step]).toEqual([START + 40 * STEP, START + 50 * STEP, 5]);
    expect(document.parts[0]?.entries).toEqual(['AVERAGE:vm:v:a']);
    expect(document.parts[0]?.at(START + 41 * STEP, 0)).toBe(41);
  });

  it('may be asked for from the last measurement backwards', () => {
    const document = recent([counted(vm, 50)], { start: -10, interval: 5 });
    expect([document.start, document.end]).toEqual([START + 48 * STEP, START + 50 * STEP]);
  });

  it.each([
    [5, 5],
    [7, 60],
    [60, 60],
    [3600, 3600],
    [86_400, 86_400],
    [1_000_000, 86_400],
  ])('of interval %s come from the archive of %s seconds, however far back the start lies', (interval, step) => {
    expect(recent([counted(vm, 200)], { start: 1, interval }).step).toBe(step);
  });

  it('come from the finest archive that reaches back when no interval is given', () => {
    const archives = [counted(vm, 3000)];
    const now = START + 3000 * STEP;
    const steps = [now - 500, now - 3600, now - 24 * 3600, now - 30 * 24 * 3600, 1].map(
      (start) => recent(archives, { start }).step,
    );
    expect(steps).toEqual([5, 60, 3600, 86_400, 86_400]);
  });

  it('are no more than there are', () => {
    const archives = counted(vm, 500);
    expect(rowCount(recent([archives], { start: 1, interval: 5 }))).toBe(120);
    expect(rowCount(recent([counted(vm, 30)], { start: 1, interval: 5 }))).toBe(30);
    expect(rowCount(recent([archives], { start: 1, interval: 86_400 }))).toBe(0);
    expect(rowCount(recent([archives], { start: START + 10_000 * STEP, interval: 5 }))).toBe(0);
  });

  it('of several owners stand side by side', () => {
    const document = recent([counted(host, 50), counted(vm, 40)], { start: -100, interval: 5 });
    expect(document.parts.flatMap(({ entries }) => entries)).toEqual(['AVERAGE:host:h:a', 'AVERAGE:vm:v:a']);
    expect(document.parts.map((part) => part.at(START + 45 * STEP, 0))).toEqual([45, Number.NaN]);
  });

  it('are of all kinds when none is named, and leave out what there is none of', () => {
    const both = [counted(host, 200), counted(vm, 200)];
    const all = recent(both, { interval: 60, consolidation: undefined }).parts;
    expect(all.flatMap(({ entries }) => entries)).toEqual(['AVERAGE:host:h:a', 'MIN:host:h:a', 'MAX:host:h:a', 'AVERAGE:vm:v:a']);
    expect(all.map((part) => part.at(START + 24 * STEP, 0))).toEqual([18.5, 13, 24, 18.5]);
    const least = recent(both, { interval: 5, consolidation: 'MIN' });
    expect([least.step, least.parts.flatMap(({ entries }) => entries)]).toEqual([60, ['MIN:host:h:a']]);
  });

  it('leave out what is not recorded', () => {
    const archives = counted(vm, 50);
    archives.setRecorded('a', false);
    expect(recent([archives], { interval: 5 }).parts.flatMap(({ entries }) => entries)).toEqual([]);
  });

  it('are none when nothing was ever measured', () => {
    expect(recentRows([], { start: 1, interval: 5, consolidation: undefined })).toBeUndefined();
    expect(
      recentRows([new OwnerArchives(vm, archivePlans(false))], { start: 1, interval: 5, consolidation: undefined }),
    ).toBeUndefined();
  });
});

describe('all rows', () => {
  it('are as many as an archive can have, and end with the last measurement', () => {
    const document = allRows(counted(vm, 30));
    expect(document.archives.map(({ steps, rows }) => [steps, rows])).toEqual([
      [1, 120],
      [12, 120],
      [720, 168],
      [17_280, 366],
    ]);
    const [finest, minutes] = document.archives;
    expect([finest?.at(119, 0), finest?.at(90, 0), finest?.at(89, 0)]).toEqual([30, 1, Number.NaN]);
    expect([minutes?.at(119, 0), minutes?.at(118, 0), minutes?.at(117, 0)]).toEqual([18.5, 6.5, Number.NaN]);
    expect(minutes?.pending(0)).toEqual({ value: 25 + 26 + 27 + 28 + 29 + 30, unknown: 0 });
    expect(document.lastUpdate).toBe(START + 30 * STEP);
    expect(document.sources).toMatchObject([{ name: 'a', last: 30, minimum: 0, maximum: Number.POSITIVE_INFINITY }]);
  });
});
