import { afterEach, beforeEach, expect, it } from 'vitest';
import { toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';
import { finishCopies } from './finish-copies.js';
import { volumeAddress } from './placement.js';
import { type CopyNote, UnfinishedCopies } from './unfinished-copies.js';

let pool: EmulatedPool;
let vdi: Ref<'VDI'>;
let vm: Ref<'VM'>;
let sr: string;
beforeEach(async () => {
  pool = await emulatedPool();
  vm = await pool.createVm();
  vdi = await pool.createDisk(vm, '0');
  sr = pool.api.db.get('SR', pool.sr).uuid;
});
afterEach(() => pool.close());

const NEW = '00000000-0000-4000-8000-00000000c0c0';
const notes = () => new UnfinishedCopies(pool.api.dataDir);
const locations = async () => (await pool.physical.storage.scan(sr)).map(({ location }) => location).sort();
const copy = () =>
  pool.physical.storage.createVolume(sr, {
    uuid: NEW,
    virtualSize: 2 ** 30,
    name: 'a copy',
    description: '',
    smConfig: new Map(),
  });
const note = (rest: Partial<CopyNote> = {}): CopyNote => ({ sr, volume: NEW, filling: false, ...rest });

/** What a start does with a note. */
async function finish(left: CopyNote): Promise<void> {
  await notes().begin(left);
  await finishCopies(pool.api);
  expect(await notes().all()).toEqual([]);
}

it('removes a copy that nobody has recorded, and one that was still being filled', async () => {
  const before = await locations();
  await copy();
  await finish(note());
  expect(await locations()).toEqual(before);
  const { location } = await copy();
  const record = pool.api.db.create('VDI', { uuid: NEW, SR: pool.sr, location });
  await finish(note({ filling: true }));
  expect(await locations()).toEqual(before);
  expect(pool.api.db.exists('VDI', record)).toBe(false);
});

it('keeps a copy that is recorded, and frees the place that it was moved from', async () => {
  const { api } = pool;
  const moves = { vdi: api.db.get('VDI', vdi).uuid, ...volumeAddress(api, vdi) };
  const { location } = await copy();
  const record = api.db.create('VDI', { uuid: NEW, SR: pool.sr, location });
  await finish(note({ moves }));
  expect(await locations()).toEqual([location, moves.location].sort());
  // Of the old place no record is left.
  api.db.destroy('VDI', vdi);
  await finish(note({ moves }));
  expect(await locations()).toEqual([location]);
  expect(api.db.exists('VDI', record)).toBe(true);
});

it('follows a running VM to the place where it is', async () => {
  const { api, physical, host } = pool;
  await pool.startVm(vm);
  const [vbd = ''] = api.db.get('VM', vm).VBDs;
  const snapshot = api.db.create('VDI', {
    SR: pool.sr,
    location: 'a snapshot',
    is_a_snapshot: true,
    snapshot_of: vdi,
    snapshot_time: toDateTime(0),
  });
  const drive = { host: api.db.get('host', host).uuid, domain: api.db.get('VM', vm).uuid, vbd: api.db.get('VBD', vbd).uuid };
  const moves = { vdi: api.db.get('VDI', vdi).uuid, ...volumeAddress(api, vdi) };
  // It has not gone over: what was made for it goes.
  const before = await locations();
  await copy();
  await finish(note({ drive, moves }));
  expect(await locations()).toEqual(before);
  expect(api.db.get('VBD', vbd).VDI).toBe(vdi);
  // It has.
  const { location } = await copy();
  const watch = { progress: () => undefined, signal: new AbortController().signal };
  await physical.compute.moveDisk(drive.domain, drive.vbd, { sr, location }, watch);
  await finish(note({ drive, moves }));
  const now = api.db.get('VBD', vbd).VDI;
  expect(api.db.get('VDI', now)).toMatchObject({ uuid: NEW, name_label: 'disk 0' });
  expect(api.db.get('VDI', snapshot).snapshot_of).toBe(now);
  expect(api.db.exists('VDI', vdi)).toBe(false);
  expect(await locations()).toEqual([location]);
});
