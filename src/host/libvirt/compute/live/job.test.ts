import { describe, expect, it } from 'vitest';
import { recordedWatch } from '../../../contract/watch.js';
import { FakeSession } from '../testing/fake-session.js';
import { shareDone, withJob } from './job.js';

const dom = { name: 'one', uuid: 'a5a5a5a5-0000-4000-8000-000000000001', id: 1 };

/** Statistics of a job that has that many bytes to do, and that many left. */
function job(total: number, remaining: number) {
  return {
    type: 2,
    params: [
      { field: 'data_total', type: 'ullong', value: total },
      { field: 'data_remaining', type: 'ullong', value: remaining },
    ],
  } as const;
}

describe('a job', () => {
  it('reports how far it is, and never goes back', async () => {
    const looks = [job(100, 75), job(100, 80), job(100, 0)];
    const watch = recordedWatch();
    let done = (): void => undefined;
    const session = new FakeSession({
      DOMAIN_GET_JOB_STATS: () => {
        const look = looks.shift();
        if (look === undefined || looks.length === 0) done();
        return look ?? job(100, 0);
      },
    });
    await withJob({ session }, dom, watch, () => new Promise<void>((resolve) => (done = resolve)));
    expect(watch.shares[0]).toBe(0.25);
    expect(watch.shares).toEqual([...watch.shares].sort());
    // What the caller does after the last byte is part of the work.
    expect(Math.max(...watch.shares)).toBeLessThan(1);
  });

  it('is aborted until it has ended, when its task was cancelled', async () => {
    const watch = recordedWatch();
    let aborts = 0;
    let fail = (_: Error): void => undefined;
    const session = new FakeSession({
      DOMAIN_ABORT_JOB: () => {
        // The first comes before the job has begun.
        if (++aborts === 1) throw new Error('no job is active');
        fail(new Error('operation aborted'));
        return undefined;
      },
    });
    const work = withJob({ session }, dom, watch, () => new Promise<void>((_, reject) => (fail = reject)));
    watch.cancel();
    await expect(work).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(aborts).toBe(2);
  });

  it('does not begin when its task was cancelled before', async () => {
    const watch = recordedWatch();
    watch.cancel();
    let begun = false;
    const work = withJob({ session: new FakeSession({}) }, dom, watch, async () => {
      begun = true;
    });
    await expect(work).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(begun).toBe(false);
  });

  it('counts as done when the abort came too late', async () => {
    const watch = recordedWatch();
    let finish = (_: string): void => undefined;
    const session = new FakeSession({
      DOMAIN_ABORT_JOB: () => {
        finish('saved');
        throw new Error('no job is active');
      },
    });
    const work = withJob({ session }, dom, watch, () => new Promise<string>((resolve) => (finish = resolve)));
    watch.cancel();
    await expect(work).resolves.toBe('saved');
  });
});

describe('the share of a job', () => {
  it('is that of memory where nothing else is told, and none where nothing is', () => {
    const memory = [
      { field: 'memory_total', type: 'ullong', value: 400 },
      { field: 'memory_remaining', type: 'ullong', value: 100 },
    ] as const;
    expect(shareDone(memory)).toBe(0.75);
    expect(shareDone([])).toBe(0);
    expect(shareDone([{ field: 'data_total', type: 'ullong', value: 0 }])).toBe(0);
  });
});
