import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Metric, MetricOwner } from '../../host/metrics.js';
import type { Ref } from '../../model/ref.js';
import { type ApiFixture, apiFixture } from '../testing/fixture.js';
import { Measurements } from './measurements.js';
import { STEP } from './plan.js';

let f: ApiFixture;
let dataDir: string;
let vm: Ref<'VM'>;
let owner: MetricOwner;

beforeEach(async () => {
  f = await apiFixture();
  dataDir = await mkdtemp(join(tmpdir(), 'measurements-'));
  vm = f.api.db.create('VM', { name_label: 'a', power_state: 'Running' });
  owner = { kind: 'vm', uuid: f.api.db.get('VM', vm).uuid };
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dataDir, { recursive: true, force: true });
});

const START = 17_280 * 5 * 20_000;

function open(): Measurements {
  return new Measurements({ db: f.api.db, log: f.api.log, dataDir });
}

function measure(values: Readonly<Record<string, number>>, of: MetricOwner = owner): { owner: MetricOwner; metrics: Metric[] } {
  const common = { owner: of, description: 'd', units: 'u', minimum: 0, maximum: Number.POSITIVE_INFINITY };
  return { owner: of, metrics: Object.entries(values).map(([name, value]) => ({ ...common, name, value })) };
}

async function fill(measurements: Measurements, from: number, to: number, value: number): Promise<void> {
  for (let i = from; i <= to; i++) await measurements.take((START + i * STEP) * 1000, [measure({ a: value, b: 1 })]);
}

async function value(measurements: Measurements, plan: number, time: number, name = 'a'): Promise<number> {
  const archives = await measurements.look(owner);
  return archives?.archives[plan]?.rows.at(time, archives.column(name) ?? -1) ?? Number.NaN;
}

const files = () => readdir(join(dataDir, 'measurements', 'vm')).catch(() => []);

describe('what was measured', () => {
  it('is there again after a restart, also what had come together of the row that goes on', async () => {
    const first = open();
    await fill(first, 0, 18, 2);
    await first.save();
    const second = open();
    await fill(second, 19, 24, 4);
    expect(await value(second, 0, START + 10 * STEP)).toBe(2);
    expect(await value(second, 0, START + 20 * STEP)).toBe(4);
    expect(await value(second, 1, START + 12 * STEP)).toBe(2);
    expect(await value(second, 1, START + 24 * STEP)).toBe(3);
    expect(second.find(owner)?.sources[0]).toMatchObject({
      name: 'a',
      description: 'd',
      units: 'u',
      maximum: Number.POSITIVE_INFINITY,
    });
  });

  it('begins anew when the file is damaged', async () => {
    const first = open();
    await fill(first, 0, 18, 2);
    await first.save();
    const [file = ''] = await files();
    const path = join(dataDir, 'measurements', 'vm', file);
    const whole = await readFile(path);
    const warn = vi.spyOn(f.api.log, 'warn');
    for (const damaged of [whole.subarray(0, whole.length / 2), Buffer.from('no archive'), Buffer.alloc(0)]) {
      await writeFile(path, damaged);
      expect(await open().look(owner)).toBeUndefined();
    }
    expect(warn).toHaveBeenCalledTimes(3);
    const second = open();
    await fill(second, 19, 24, 4);
    expect(await value(second, 0, START + 20 * STEP)).toBe(4);
  });

  it('goes to disk when a VM halts, stays readable, and goes on when it starts', async () => {
    const measurements = open();
    await fill(measurements, 0, 12, 2);
    await measurements.keep((START + 12 * STEP) * 1000);
    expect(measurements.find(owner)).toBeDefined();
    f.api.db.set('VM', vm, { power_state: 'Halted' });
    await measurements.keep((START + 13 * STEP) * 1000);
    expect(measurements.find(owner)).toBeUndefined();
    expect(await value(measurements, 0, START + 5 * STEP)).toBe(2);
    f.api.db.set('VM', vm, { power_state: 'Running' });
    await fill(measurements, 20, 30, 4);
    expect([await value(measurements, 0, START + 5 * STEP), await value(measurements, 0, START + 30 * STEP)]).toEqual([2, 4]);
  });

  it('goes with the object that was destroyed', async () => {
    const measurements = open();
    const stop = measurements.follow();
    await fill(measurements, 0, 3, 2);
    await measurements.save();
    expect(await files()).toHaveLength(1);
    f.api.db.destroy('VM', vm);
    expect(measurements.find(owner)).toBeUndefined();
    await vi.waitFor(async () => expect(await files()).toEqual([]));
    await fill(measurements, 4, 6, 2);
    await measurements.save();
    expect([await files(), measurements.find(owner)]).toEqual([[], undefined]);
    stop();
  });

  it('of objects that went while nobody looked is removed', async () => {
    const measurements = open();
    await fill(measurements, 0, 3, 2);
    await measurements.save();
    await writeFile(join(dataDir, 'measurements', 'vm', `${owner.uuid}.gz.1-abc.new`), 'half');
    await open().removeOrphans();
    expect(await files()).toEqual([`${owner.uuid}.gz`]);
    f.api.db.destroy('VM', vm);
    await open().removeOrphans();
    expect(await files()).toEqual([]);
  });

  it('is written in turn, so that nobody waits for longer than a quarter of an hour', async () => {
    const measurements = open();
    const owners = Array.from({ length: 400 }, () => {
      const ref = f.api.db.create('VM', { name_label: 'a', power_state: 'Running' });
      return { kind: 'vm', uuid: f.api.db.get('VM', ref).uuid } as const;
    });
    for (const time of [START, START + STEP])
      await measurements.take(
        time * 1000,
        owners.map((one) => measure({ a: 1 }, one)),
      );
    let now = START * 1000;
    for (let i = 0; i < 10; i++, now += 5000) await measurements.keep(now);
    expect(await files()).toHaveLength(30);
    for (let i = 10; i < 180; i++, now += 5000) await measurements.keep(now);
    expect(await files()).toHaveLength(400);
  });

  it('of a name that is no uuid stays in memory', async () => {
    const odd: MetricOwner = { kind: 'vm', uuid: '../../odd' };
    f.api.db.create('VM', { uuid: odd.uuid, power_state: 'Running' });
    const measurements = open();
    for (const i of [0, 1]) await measurements.take((START + i * STEP) * 1000, [measure({ a: 1 }, odd)]);
    await measurements.save();
    expect(await readdir(dataDir)).toEqual([]);
    expect(measurements.find(odd)?.updated).toBe((START + STEP) * 1000);
  });
});

describe('whether a history is kept', () => {
  it('lasts', async () => {
    const first = open();
    await fill(first, 0, 3, 2);
    expect(await first.setRecorded(owner, 'a', false)).toBe(true);
    expect(await first.setRecorded(owner, 'nothing', false)).toBe(false);
    const second = open();
    await fill(second, 4, 8, 2);
    const archives = await second.look(owner);
    expect(archives?.sources.map(({ name, recorded }) => [name, recorded])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect([await value(second, 0, START + 6 * STEP), await value(second, 0, START + 6 * STEP, 'b')]).toEqual([Number.NaN, 1]);
  });
});

describe('smallest and largest values', () => {
  it('are kept of hosts, and of VMs when the pool asks for them', async () => {
    const measurements = open();
    const host: MetricOwner = { kind: 'host', uuid: f.api.db.get('host', f.host).uuid };
    const count = async (of: MetricOwner) => (await measurements.open(of)).archives.length;
    expect([await count(host), await count(owner)]).toEqual([10, 4]);
    f.api.db.set('pool', f.api.pool, { other_config: new Map([['create_min_max_in_new_VM_RRDs', 'true']]) });
    const other = f.api.db.create('VM', { name_label: 'b' });
    expect(await count({ kind: 'vm', uuid: f.api.db.get('VM', other).uuid })).toBe(10);
  });
});
