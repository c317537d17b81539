import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecordVersion } from '../../model/record.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';

const NONE = new Map<string, string>();

let pool: EmulatedPool;
beforeEach(async () => {
  pool = await emulatedPool();
});
afterEach(() => pool.close());

function introduce(uuid = '00000000-0000-4000-8000-00000000aaaa'): Promise<Ref<'SR'>> {
  return pool.call('SR.introduce', uuid, 'one', 'd', 'DUMMY', 'user', false, NONE);
}

test('an introduced SR is a record only, and its sizes are unknown', async () => {
  const { api, call } = pool;
  const sr = await introduce();
  expect(api.db.get('SR', sr)).toMatchObject({
    type: 'dummy',
    physical_size: -1,
    physical_utilisation: -1,
    virtual_allocation: 0,
    PBDs: [],
  });
  for (const method of ['SR.scan', 'SR.destroy', 'SR.update'])
    await expect(call(method, sr)).rejects.toMatchObject({ code: 'SR_HAS_NO_PBDS', params: [sr] });
  await expect(call('SR.set_name_label', sr, 'n')).rejects.toMatchObject({ code: 'SR_HAS_NO_PBDS' });
  await expect(introduce()).rejects.toMatchObject({ code: 'SR_UUID_EXISTS' });
  await call('SR.forget', sr);
  await expect(call('SR.forget', sr)).rejects.toMatchObject({ code: 'HANDLE_INVALID', params: ['SR', sr] });
});

test('a new SR is attached at once, keeps passwords out of sight, and is destroyed with its disks gone', async () => {
  const { api, call, host } = pool;
  const config = new Map([['password', 'geheim']]);
  const sr = await call<Ref<'SR'>>('SR.create', host, config, 0, 'new', '', 'dummy', 'user', false, NONE);
  const [pbd = NULL_REF] = api.db.get('SR', sr).PBDs;
  const { currently_attached, device_config } = api.db.get('PBD', pbd);
  expect(currently_attached).toBe(true);
  expect([...device_config.keys()]).toEqual(['password_secret']);
  expect([...api.db.all('secret')].map(([, secret]) => secret.value)).toEqual(['geheim']);
  expect(api.db.get('SR', sr).physical_size).toBeGreaterThan(0);
  await expect(call('SR.destroy', sr)).rejects.toMatchObject({ code: 'SR_HAS_PBD' });
  await call('PBD.unplug', pbd);
  await call('SR.destroy', sr);
  expect(api.db.exists('PBD', pbd)).toBe(false);
  expect(api.db.table('secret').rows.size).toBe(0);
});

test('a refused creation leaves nothing and carries what clients look for', async () => {
  const { api, call, host } = pool;
  const before = api.db.table('SR').rows.size;
  const refusal = call('SR.create', host, new Map([['target', '192.0.2.9']]), 0, '__gui__', '', 'lvmoiscsi', 'user', true, NONE);
  await expect(refusal).rejects.toMatchObject({
    code: 'SR_BACKEND_FAILURE_96',
    params: ['', expect.any(String), expect.stringContaining('<TargetIQN>')],
  });
  expect(api.db.table('SR').rows.size).toBe(before);
  await expect(call('SR.create', host, NONE, 0, 'x', '', 'none', '', false, NONE)).rejects.toMatchObject({
    code: 'SR_UNKNOWN_DRIVER',
    params: ['none'],
  });
});

test('a probe tells of SRs that are there and of none', async () => {
  const { call, host } = pool;
  const device = new Map([['device', '/dev/sdb']]);
  const text = await call<string>('SR.probe', host, device, 'ext', NONE);
  expect(text).toMatch(/^<\?xml version="1.0" \?>\n<SRlist>\n\t<SR>\n\t\t<UUID>\n\t\t\t[0-9a-f-]{36}\n/);
  expect(await call('SR.probe', host, new Map([['device', '/dev/sdz']]), 'ext', NONE)).toContain('<SRlist/>');
  const [found] = await call<RecordVersion<'probe_result'>[]>('SR.probe_ext', host, device, 'ext', NONE);
  expect(found?.fields).toMatchObject({ complete: true, sr: { fields: { health: 'healthy' } } });
});

test('a scan records what is new, forgets what is gone, and counts the space in the same transaction', async () => {
  const { api, call, sr, physical } = pool;
  const { uuid } = api.db.get('SR', sr);
  const foreign = {
    uuid: '00000000-0000-4000-8000-0000000000d1',
    virtualSize: 2 ** 20,
    name: 'foreign',
    description: '',
    smConfig: NONE,
  };
  const volume = await physical.storage.createVolume(uuid, foreign);
  const transactions: string[][] = [];
  api.db.onChange((changes) => transactions.push(changes.map(({ kind, table }) => `${kind} ${table.model.name}`)));
  await call('SR.scan', sr);
  const [vdi = NULL_REF] = api.db.get('SR', sr).VDIs;
  expect(api.db.get('VDI', vdi)).toMatchObject({ name_label: 'foreign', managed: true, location: volume.location });
  expect(api.db.get('SR', sr).virtual_allocation).toBe(volume.virtualSize);
  expect(transactions.filter((changes) => changes.includes('add VDI'))).toEqual([expect.arrayContaining(['add VDI', 'mod SR'])]);
  await physical.storage.destroyVolume({ sr: uuid, location: volume.location });
  await call('SR.scan', sr);
  expect(api.db.get('SR', sr).VDIs).toEqual([]);
});

test('a scan keeps the record of a disk of a VM whose data is gone, and has it again with the data', async () => {
  const { api, call, sr, physical } = pool;
  const vm = await pool.createVm();
  const vdi = await pool.createDisk(vm, '0');
  const { uuid, location } = api.db.get('VDI', vdi);
  const address = { sr: api.db.get('SR', sr).uuid, location };
  await physical.storage.destroyVolume(address);
  await call('SR.scan', sr);
  expect(api.db.get('VDI', vdi)).toMatchObject({ missing: true, uuid });
  expect(api.db.get('VM', vm).VBDs).toHaveLength(1);
  await call('VDI.set_name_label', vdi, 'still ours');
  await physical.storage.createVolume(address.sr, {
    uuid,
    virtualSize: 2 ** 30,
    name: '',
    description: '',
    smConfig: NONE,
  });
  await call('SR.scan', sr);
  expect(api.db.get('VDI', vdi)).toMatchObject({ missing: false, name_label: 'still ours' });
  await call('VDI.set_name_description', vdi, 'and described');
  expect((await physical.storage.scan(address.sr)).find((one) => one.uuid === uuid)).toMatchObject({
    name: 'still ours',
    description: 'and described',
  });
});

test('what can be done to an SR follows from its driver and its PBDs', async () => {
  const { api, call, sr } = pool;
  const [pbd = NULL_REF] = api.db.get('SR', sr).PBDs;
  expect(api.db.get('SR', sr).allowed_operations).toEqual(expect.arrayContaining(['scan', 'vdi_create', 'unplug', 'update']));
  expect(api.db.get('SR', sr).allowed_operations).not.toContain('forget');
  await call('PBD.unplug', pbd);
  expect(api.db.get('SR', sr).allowed_operations).toEqual(expect.arrayContaining(['forget', 'destroy']));
  const other = await introduce();
  api.db.set('SR', other, { type: 'nobody' });
  expect(api.db.get('SR', other).allowed_operations).not.toContain('vdi_create');
  expect(api.db.get('SR', other).allowed_operations).toContain('vdi_clone');
});

test('only the driver of an SR says how large it is', async () => {
  const { api, call, sr, session } = pool;
  await expect(call('SR.set_physical_size', sr, 10)).rejects.toMatchObject({ code: 'PERMISSION_DENIED', params: [''] });
  api.db.set('session', session.ref, { other_config: new Map([['_sm_session', sr]]) });
  await call('SR.set_physical_size', sr, 10);
  expect(api.db.get('SR', sr).physical_size).toBe(10);
});
