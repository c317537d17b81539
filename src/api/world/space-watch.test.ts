import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';
import { SpaceWatch } from './space-watch.js';

const MIB = 2 ** 20;

let pool: EmulatedPool;
let disk: Ref<'VDI'>;
let watch: SpaceWatch;
/** What storage says: of the SR, and of the disk. */
let used: number;
let taken: number;
let looks: number;

beforeEach(async () => {
  pool = await emulatedPool();
  const { api, physical, sr } = pool;
  disk = await pool.createDisk(await pool.createVm(), '0');
  used = taken = looks = 0;
  vi.spyOn(physical.storage, 'space').mockImplementation(async () => ({ physicalSize: 2 ** 40, physicalUtilisation: used }));
  vi.spyOn(physical.storage, 'utilisations').mockImplementation(async () => {
    looks += 1;
    return new Map([[api.db.get('VDI', disk).location, taken]]);
  });
  api.db.set('SR', sr, { physical_utilisation: 0 });
  watch = new SpaceWatch(api);
});
afterEach(() => pool.close());

const seen = () => [pool.api.db.get('SR', pool.sr).physical_utilisation, pool.api.db.get('VDI', disk).physical_utilisation];

test('what a guest writes is seen after a while, and disks are looked at only when their SR has changed', async () => {
  await watch.look(0);
  expect(looks).toBe(0);
  used = taken = 40 * MIB;
  await watch.look(29_999);
  expect([looks, ...seen()]).toEqual([0, 0, 0]);
  await watch.look(30_000);
  expect([looks, ...seen()]).toEqual([1, 40 * MIB, 40 * MIB]);
  // What is freed is seen, too.
  used = 0;
  taken = 8 * MIB;
  await watch.look(60_000);
  expect([looks, ...seen()]).toEqual([2, 0, 8 * MIB]);
});

test('little changes are no events', async () => {
  used = taken = 16 * MIB - 1;
  const { generation } = pool.api.db;
  await watch.look(0);
  expect([looks, pool.api.db.generation]).toEqual([0, generation]);
});

test('an SR that does not answer is not asked again, and one that is away is left alone', async () => {
  const { api, physical, sr } = pool;
  const space = vi.mocked(physical.storage.space).mockReturnValue(new Promise(() => undefined));
  void watch.look(0);
  void watch.look(30_000);
  expect(space).toHaveBeenCalledTimes(1);
  const other = new SpaceWatch(api);
  for (const pbd of api.db.get('SR', sr).PBDs) api.db.set('PBD', pbd, { currently_attached: false });
  await other.look(0);
  expect(space).toHaveBeenCalledTimes(1);
});
