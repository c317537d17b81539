import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Volume } from '../../host/storage.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';
import { followLabels } from '../world/follow-labels.js';

const MIB = 2 ** 20;
const NONE = new Map<string, string>();

let pool: EmulatedPool;
let stop: () => void;
beforeEach(async () => {
  pool = await emulatedPool();
  stop = followLabels(pool.api);
});
afterEach(async () => {
  stop();
  await pool.close();
});

const create = (fields: Partial<Fields<'VDI'>> = {}): Promise<Ref<'VDI'>> =>
  pool.call('VDI.create', {
    SR: pool.sr,
    name_label: 'disk',
    name_description: 'd',
    virtual_size: MIB,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: NONE,
    xenstore_data: NONE,
    sm_config: NONE,
    tags: [],
    ...fields,
  });
const stored = async (): Promise<Map<string, Volume>> => {
  const volumes = await pool.physical.storage.scan(pool.api.db.get('SR', pool.sr).uuid);
  return new Map(volumes.map((volume) => [volume.uuid, volume]));
};
const propertiesOf = async (vdi: Ref<'VDI'>) => (await stored()).get(pool.api.db.get('VDI', vdi).uuid)?.properties;

/** Forgets the SR and introduces it again; how to find a VDI of before. */
async function rebuild(): Promise<(old: string) => { readonly ref: Ref<'VDI'>; readonly fields: Fields<'VDI'> }> {
  const { api, call, host, sr } = pool;
  const { uuid, PBDs } = api.db.get('SR', sr);
  const [pbd = NULL_REF] = PBDs;
  const { device_config } = api.db.get('PBD', pbd);
  await call('PBD.unplug', pbd);
  await call('SR.forget', sr);
  expect(api.db.table('VDI').rows.size).toBe(0);
  const again = await call<Ref<'SR'>>('SR.introduce', uuid, 'again', '', 'ext', 'user', false, NONE);
  const config = new Map([...device_config, ['device', '/dev/sdb']]);
  const plugged = await call<Ref<'PBD'>>('PBD.create', { host, SR: again, device_config: config, other_config: NONE });
  await call('PBD.plug', plugged);
  return (old) => {
    const ref = api.db.byUuid('VDI', old);
    return { ref, fields: api.db.get('VDI', ref) };
  };
}

test('disks of an SR that is introduced anew are what they were', async () => {
  const { api, call } = pool;
  const uuidOf = (vdi: Ref<'VDI'>): string => api.db.get('VDI', vdi).uuid;
  const disk = await create();
  const snapshot = await call<Ref<'VDI'>>('VDI.snapshot', disk, NONE);
  const clone = await call<Ref<'VDI'>>('VDI.clone', snapshot, NONE);
  const memory = await create({ type: 'suspend' });
  const shared = await create({ sharable: true });
  const frozen = await create({ read_only: true });
  const gone = await create();
  const orphan = await call<Ref<'VDI'>>('VDI.snapshot', gone, NONE);
  await call('VDI.destroy', gone);
  const { snapshot_time } = api.db.get('VDI', snapshot);
  const uuids = [disk, snapshot, clone, memory, shared, frozen, orphan].map(uuidOf);
  const find = await rebuild();
  const [one, two, three, four, five, six, seven] = uuids.map(find);
  const plain = {
    name_label: 'disk',
    name_description: 'd',
    type: 'user',
    is_a_snapshot: false,
    read_only: false,
    sharable: false,
  };
  expect(one?.fields).toMatchObject({ ...plain, snapshots: [two?.ref] });
  expect(two?.fields).toMatchObject({ ...plain, is_a_snapshot: true, snapshot_of: one?.ref, snapshot_time });
  expect(three?.fields).toMatchObject({ ...plain, snapshot_of: NULL_REF });
  expect(four?.fields).toMatchObject({ ...plain, type: 'suspend' });
  expect(five?.fields).toMatchObject({ ...plain, sharable: true });
  expect(six?.fields).toMatchObject({ ...plain, read_only: true });
  expect(seven?.fields).toMatchObject({ ...plain, is_a_snapshot: true, snapshot_of: NULL_REF });
});

test('a disk that forgets goes on to do so, and where it goes back to stays out of sight', async () => {
  const { api, call, createVm, createDisk, startVm } = pool;
  const vm = await createVm();
  const disk = await createDisk(vm, '0');
  const { uuid } = api.db.get('VDI', disk);
  await call('VDI.set_on_boot', disk, 'reset');
  await startVm(vm);
  await call('VM.hard_shutdown', vm);
  await vi.waitFor(async () => expect((await propertiesOf(disk))?.get('on_boot')).toBe('reset'));
  const find = await rebuild();
  const { ref, fields } = find(uuid);
  expect(fields).toMatchObject({ on_boot: 'reset', managed: true });
  const hidden = api.db.filter('VDI', ({ managed }) => !managed);
  expect(hidden.map(([, { other_config }]) => other_config.get('reset-base-of'))).toEqual([ref]);
});

test('what is said of a disk later is kept, too', async () => {
  const { api, call } = pool;
  const disk = await create();
  await call('VDI.set_allow_caching', disk, true);
  await vi.waitFor(async () => expect(await propertiesOf(disk)).toEqual(new Map([['allow_caching', 'true']])));
  api.db.set('VDI', disk, { allow_caching: false, name_label: 'told by a driver' });
  await vi.waitFor(async () => expect(await propertiesOf(disk)).toEqual(NONE));
  expect((await stored()).get(api.db.get('VDI', disk).uuid)?.name).toBe('told by a driver');
});

test('a scan has storage keep what an earlier version did not, and leaves snapshots as they are', async () => {
  const { api, call, physical, sr } = pool;
  const disk = await create();
  const snapshot = await call<Ref<'VDI'>>('VDI.snapshot', disk, NONE);
  const before = await propertiesOf(snapshot);
  expect(before?.get('snapshot_of')).toBe(api.db.get('VDI', disk).uuid);
  const { location } = api.db.get('VDI', snapshot);
  const label = { name: 'disk', description: 'd', properties: NONE };
  await physical.storage.labelVolume({ sr: api.db.get('SR', sr).uuid, location }, label);
  await call('SR.scan', sr);
  expect(api.db.get('VDI', snapshot)).toMatchObject({ read_only: false, is_a_snapshot: true, snapshot_of: disk });
  await vi.waitFor(async () => expect(await propertiesOf(snapshot)).toEqual(before));
});

test('what others wrote there is not believed', async () => {
  const { api, call, physical, sr } = pool;
  const made = await physical.storage.createVolume(api.db.get('SR', sr).uuid, {
    uuid: crypto.randomUUID(),
    virtualSize: MIB,
    name: 'odd',
    description: '',
    smConfig: NONE,
    properties: new Map([
      ['type', 'cbt_metadata'],
      ['is_a_snapshot', 'true'],
      ['snapshot_of', '/etc/passwd'],
      ['snapshot_time', 'yesterday'],
      ['on_boot', 'x'],
    ]),
  });
  await call('SR.scan', sr);
  const [found] = api.db.filter('VDI', ({ uuid }) => uuid === made.uuid);
  expect(found?.[1]).toMatchObject({ type: 'user', is_a_snapshot: true, snapshot_of: NULL_REF, on_boot: 'persist' });
});
