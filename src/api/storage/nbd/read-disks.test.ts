import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Ref } from '../../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../../testing/emulated-pool.js';
import { volumeAddress } from '../placement.js';
import { recordVbd } from '../vbd-record.js';
import { ReadDisks } from './read-disks.js';

const MIB = 2 ** 20;
const NEVER = new AbortController().signal;

let pool: EmulatedPool;
let disks: ReadDisks;
let vdi: Ref<'VDI'>;
let domain: Ref<'VM'>;
let vm: Ref<'VM'>;
beforeEach(async () => {
  pool = await emulatedPool();
  const { api, host } = pool;
  domain = api.db.create('VM', { is_control_domain: true, power_state: 'Running', resident_on: host });
  api.db.set('host', host, { control_domain: domain });
  disks = new ReadDisks(api);
  vm = await pool.createVm();
  vdi = await pool.createDisk(vm, '0', 4 * MIB);
  const stream = await pool.physical.storage.write(volumeAddress(api, vdi), MIB);
  stream.end('content');
  await finished(stream);
});
afterEach(() => pool.close());

const drives = () => pool.api.db.filter('VBD', (vbd) => vbd.VM === domain).map(([, vbd]) => vbd);

test('a disk that is read is a drive of the control domain for as long as anybody reads it', async () => {
  const [one, other] = await Promise.all([disks.open(vdi, NEVER), disks.open(vdi, NEVER)]);
  expect(one.size).toBe(4 * MIB);
  expect((await one.read(MIB, 7)).toString()).toBe('content');
  expect(await other.extents()).toEqual([expect.objectContaining({ offset: MIB })]);
  expect(drives()).toMatchObject([{ VDI: vdi, mode: 'RO', currently_attached: true, device: 'xvda' }]);
  await expect(pool.call('VDI.destroy', vdi)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
  await one.close();
  await one.close();
  expect(drives()).toHaveLength(1);
  expect((await other.read(MIB, 7)).toString()).toBe('content');
  await other.close();
  expect(drives()).toEqual([]);
  await pool.call('VDI.destroy', vdi);
});

test('the data of a snapshot goes when its readers have gone', async () => {
  const { api, call } = pool;
  const dataDir = await mkdtemp(join(tmpdir(), 'read-disks-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  Object.assign(api, { dataDir });
  await call('VDI.enable_cbt', vdi);
  const snapshot = await call<Ref<'VDI'>>('VDI.snapshot', vdi, new Map());
  const disk = await disks.open(snapshot, NEVER);
  const going = call('VDI.data_destroy', snapshot);
  await disk.close();
  await going;
  expect(api.db.get('VDI', snapshot).type).toBe('cbt_metadata');
  await expect(disks.open(snapshot, NEVER)).rejects.toMatchObject({ code: 'VDI_INCOMPATIBLE_TYPE' });
});

test('a disk that is written to is not read, nor one that comes to be', async () => {
  const { db } = pool.api;
  const disk = await disks.open(vdi, NEVER);
  expect(disk.lost.aborted).toBe(false);
  const vbd = recordVbd(db, { VM: vm, VDI: vdi, mode: 'RW', currently_attached: true });
  expect(disk.lost.aborted).toBe(true);
  await disk.close();
  await expect(disks.open(vdi, NEVER)).rejects.toMatchObject({ code: 'VDI_IN_USE', params: [vdi, 'attach'] });
  expect(drives()).toEqual([]);
  db.set('VBD', vbd, { currently_attached: false });
  await (await disks.open(vdi, NEVER)).close();
});

test('a disk that cannot be opened leaves no drive, and neither does a reader that has gone meanwhile', async () => {
  const { db } = pool.api;
  const gone = new AbortController();
  const opening = disks.open(vdi, gone.signal);
  gone.abort();
  await expect(opening).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  const { location } = db.get('VDI', vdi);
  db.set('VDI', vdi, { location: 'elsewhere' });
  await expect(disks.open(vdi, NEVER)).rejects.toMatchObject({ code: expect.any(String) });
  db.set('VDI', vdi, { location, missing: true });
  await expect(disks.open(vdi, NEVER)).rejects.toMatchObject({ code: 'VDI_MISSING' });
  expect(drives()).toEqual([]);
});

test('drives that a killed daemon has left go', async () => {
  await disks.open(vdi, NEVER);
  expect(drives()).toHaveLength(1);
  new ReadDisks(pool.api);
  expect(drives()).toEqual([]);
});
