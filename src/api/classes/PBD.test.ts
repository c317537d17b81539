import { afterEach, beforeEach, expect, test } from 'vitest';
import { NULL_REF, newRef, type Ref } from '../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';

let pool: EmulatedPool;
beforeEach(async () => {
  pool = await emulatedPool();
});
afterEach(() => pool.close());

function dummySr(): Promise<Ref<'SR'>> {
  return pool.call('SR.introduce', '', 'dummy', '', 'dummy', 'user', false, new Map());
}

function pbdOf(SR: string, host: string, config = new Map<string, string>()) {
  return { SR, host, device_config: config, other_config: new Map([['a', 'b']]) };
}

test('a PBD is a record until it is plugged, and its other_config starts empty', async () => {
  const { api, call, host } = pool;
  const sr = await dummySr();
  const pbd = await call<Ref<'PBD'>>('PBD.create', pbdOf(sr, host));
  expect(api.db.get('PBD', pbd)).toMatchObject({ currently_attached: false, other_config: new Map() });
  await expect(call('PBD.create', pbdOf(sr, host))).rejects.toMatchObject({ code: 'PBD_EXISTS', params: [sr, host, pbd] });
  await call('PBD.unplug', pbd);
  await call('PBD.plug', pbd);
  expect(api.db.get('PBD', pbd).currently_attached).toBe(true);
  expect(api.db.get('SR', sr).physical_size).toBeGreaterThan(0);
  await expect(call('PBD.destroy', pbd)).rejects.toMatchObject({
    code: 'OPERATION_NOT_ALLOWED',
    params: ['PBD is currently attached'],
  });
  await call('PBD.unplug', pbd);
  await call('PBD.destroy', pbd);
  expect(api.db.get('SR', sr).PBDs).toEqual([]);
});

test('a PBD may lead to a host that is not there, but not to an SR that is not', async () => {
  const { call, host } = pool;
  const nowhere = newRef();
  await expect(call('PBD.create', pbdOf(nowhere, host))).rejects.toMatchObject({ params: ['SR', nowhere] });
  const pbd = await call<Ref<'PBD'>>('PBD.create', pbdOf(await dummySr(), nowhere));
  await expect(call('PBD.plug', pbd)).rejects.toMatchObject({ code: 'HANDLE_INVALID', params: ['host', nowhere] });
});

test('keys for the server alone are refused', async () => {
  const { call, host } = pool;
  const sr = await dummySr();
  await expect(call('PBD.create', pbdOf(sr, host, new Map([['SRmaster', 'true']])))).rejects.toMatchObject({
    code: 'VALUE_NOT_SUPPORTED',
    params: ['SRmaster', 'true', expect.any(String)],
  });
});

test('an SR that is not shared is attached on one host only', async () => {
  const { api, call, host, sr } = pool;
  const second = api.db.create('host', { name_label: 'two' });
  api.hosts.add(second, pool.physical);
  const pbd = await call<Ref<'PBD'>>('PBD.create', pbdOf(sr, second));
  await expect(call('PBD.plug', pbd)).rejects.toMatchObject({ code: 'SR_NOT_SHARABLE', params: [sr, host] });
});

test('an SR whose disk a running VM uses stays attached', async () => {
  const { api, call, host, sr } = pool;
  const [pbd = NULL_REF] = api.db.get('SR', sr).PBDs;
  const vm = await pool.createVm();
  const vdi = await pool.createDisk(vm, '0');
  const [vbd = NULL_REF] = api.db.get('VDI', vdi).VBDs;
  api.db.set('VM', vm, { power_state: 'Running', resident_on: host });
  api.db.set('VBD', vbd, { currently_attached: true });
  await expect(call('PBD.unplug', pbd)).rejects.toMatchObject({ code: 'VDI_IN_USE', params: [vdi] });
});
