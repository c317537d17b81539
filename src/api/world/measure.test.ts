import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { toDateTime } from '../../model/datetime.js';
import { apiFixture } from '../testing/fixture.js';
import { type PoolFixture, poolFixture } from '../testing/pool-fixture.js';
import { startHousekeeping } from './housekeeping.js';
import { measureHost } from './measure.js';

let f: PoolFixture;
beforeEach(async () => {
  f = await poolFixture();
});
afterEach(async () => {
  vi.useRealTimers();
  await f.close();
});

it('writes free memory at most every 15 seconds, and a sign of life every minute', async () => {
  const { db, api, pool } = f;
  const host = api.hosts.get(pool.master);
  let free = 1000;
  const measured = { ...host, freeMemory: async () => free } as typeof host;
  const { metrics } = db.get('host', pool.master);
  const start = Date.now();
  db.set('host_metrics', metrics, { memory_free: free, last_updated: toDateTime(start) });
  const writes = async (after: number) => {
    const before = db.generation;
    await measureHost(api, pool.master, measured, start + after);
    return db.generation - before;
  };
  free = 2000;
  expect(await writes(10_000)).toBe(0);
  expect(await writes(16_000)).toBe(1);
  expect(db.get('host_metrics', metrics).memory_free).toBe(2000);
  expect(await writes(40_000)).toBe(0);
  expect(await writes(80_000)).toBe(1);
});

it('says nothing of a host that is down', async () => {
  const { db, api, pool } = f;
  const { metrics } = db.get('host', pool.master);
  db.set('host_metrics', metrics, { live: false, last_updated: '19700101T00:00:00Z' });
  await measureHost(api, pool.master, api.hosts.get(pool.master));
  expect(db.get('host_metrics', metrics).last_updated).toBe('19700101T00:00:00Z');
});

it('tidies up and gives signs of life until it is stopped', async () => {
  vi.useFakeTimers();
  const { api } = await apiFixture();
  const heartbeat = vi.spyOn(api.legacyEvents, 'heartbeat');
  const sessions = vi.spyOn(api.sessions, 'collect');
  const tasks = vi.spyOn(api.tasks, 'collect');
  const stop = startHousekeeping(api);
  vi.advanceTimersByTime(45_000);
  expect([heartbeat, sessions, tasks].map((spy) => spy.mock.calls.length)).toEqual([2, 2, 2]);
  stop();
  vi.advanceTimersByTime(45_000);
  expect(heartbeat).toHaveBeenCalledTimes(2);
});
