import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { classModel } from '../../model/class-model.js';
import { NULL_REF, newRef, type Ref } from '../../model/ref.js';
import type { ConstructorArguments } from '../../model/types.js';
import { standInTask } from '../stand-in-task.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';
import { markRunning } from '../world/domain-records.js';
import { domainSpec } from '../world/domain-spec.js';
import { domainState, followDomains, guestState } from '../world/domain-states.js';

let pool: EmulatedPool;
let vm: Ref<'VM'>;
beforeEach(async () => {
  pool = await emulatedPool();
  vm = await pool.createVm();
});
afterEach(() => pool.close());

function drive(fields: Partial<ConstructorArguments<'VBD'>>): ConstructorArguments<'VBD'> {
  const initial = Object.fromEntries(classModel('VBD').constructorFields.map((field) => [field.name, field.initial]));
  const empty = {
    ...(initial as ConstructorArguments<'VBD'>),
    VM: vm,
    userdevice: '3',
    mode: 'RO',
    type: 'CD',
    empty: true,
  } as const;
  return { ...empty, ...fields };
}

function create(fields: Partial<ConstructorArguments<'VBD'>> = {}): Promise<Ref<'VBD'>> {
  return pool.call('VBD.create', drive(fields));
}

test('an empty CD drive of a halted VM waits for a disc', async () => {
  const { api, call } = pool;
  const vbd = await create();
  expect(api.db.get('VBD', vbd)).toMatchObject({ allowed_operations: ['attach', 'insert'], device: '', userdevice: '3' });
  for (const method of ['VBD.plug', 'VBD.unplug', 'VBD.unplug_force', 'VBD.pause'])
    await expect(call(method, vbd)).rejects.toMatchObject({ code: 'VM_BAD_POWER_STATE', params: [vm, 'running', 'halted'] });
  await expect(call('VBD.eject', vbd)).rejects.toMatchObject({ code: 'VBD_IS_EMPTY', params: [vbd] });
  const nowhere = newRef();
  await expect(call('VBD.insert', vbd, nowhere)).rejects.toMatchObject({ params: ['VDI', nowhere] });
  await call('VBD.assert_attachable', vbd);
});

test('what does not fit together is refused', async () => {
  const disk = { type: 'Disk', empty: false } as const;
  await expect(create({ type: 'Disk' })).rejects.toMatchObject({ code: 'VBD_NOT_REMOVABLE_MEDIA', params: ['in constructor'] });
  await expect(create({ mode: 'RW' })).rejects.toMatchObject({ code: 'VBD_CDS_MUST_BE_READONLY' });
  await expect(create(disk)).rejects.toMatchObject({ code: 'HANDLE_INVALID', params: ['VDI', NULL_REF] });
  await expect(create({ userdevice: 'rubbish' })).rejects.toMatchObject({ code: 'INVALID_DEVICE', params: ['rubbish'] });
  await create({ userdevice: 'xvdd' });
  for (const userdevice of ['3', 'xvdd', 'hdd'])
    await expect(create({ userdevice })).rejects.toMatchObject({ code: 'DEVICE_ALREADY_EXISTS', params: [userdevice] });
  const vdi = await pool.createDisk(vm, '0');
  pool.api.db.set('VDI', vdi, { read_only: true });
  await expect(create({ ...disk, VDI: vdi, mode: 'RW' })).rejects.toMatchObject({ code: 'VDI_READONLY', params: [vdi] });
  pool.api.db.set('VDI', vdi, { type: 'redo_log' });
  await expect(create({ ...disk, VDI: vdi })).rejects.toMatchObject({ code: 'VDI_INCOMPATIBLE_TYPE', params: [vdi, 'redo_log'] });
});

test('a disk that one VM writes is not for another', async () => {
  const { api, call } = pool;
  const vdi = await pool.createDisk(vm, '0');
  const [first = NULL_REF] = api.db.get('VDI', vdi).VBDs;
  const other = await pool.createVm();
  const second = await create({ VM: other, VDI: vdi, type: 'Disk', mode: 'RO', empty: false, userdevice: '0' });
  await call('VBD.assert_attachable', second);
  api.db.set('VBD', first, { currently_attached: true });
  await expect(call('VBD.assert_attachable', second)).rejects.toMatchObject({ code: 'VDI_IN_USE', params: [vdi] });
  api.db.set('VDI', vdi, { sharable: true });
  await call('VBD.assert_attachable', second);
});

test('drives of a running guest come and go, discs change', async () => {
  const { api, call } = pool;
  const root = await pool.createDisk(vm, '0');
  const cd = await create();
  await start(vm);
  const data = await call<Ref<'VDI'>>('VDI.create', { ...newVdi(), SR: pool.sr, virtual_size: 2 ** 20 });
  const disk = await create({ VDI: data, type: 'Disk', mode: 'RW', empty: false, userdevice: 'autodetect' });
  expect(api.db.get('VBD', disk).allowed_operations).toContain('plug');
  await call('VBD.plug', disk);
  expect(api.db.get('VBD', disk)).toMatchObject({ currently_attached: true, device: 'xvdb', userdevice: '1' });
  await expect(call('VBD.plug', disk)).rejects.toMatchObject({ code: 'DEVICE_ALREADY_ATTACHED', params: [disk] });
  await expect(call('VDI.destroy', data)).rejects.toMatchObject({ code: 'VDI_IN_USE', params: [data, 'destroy'] });
  await expect(call('VBD.destroy', disk)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  await call('VBD.unplug', disk);
  expect(api.db.get('VBD', disk).currently_attached).toBe(false);
  await call('VBD.destroy', disk);
  await call('VBD.insert', cd, data);
  await expect(call('VBD.insert', cd, root)).rejects.toMatchObject({ code: 'VBD_NOT_EMPTY', params: [cd] });
  expect(api.db.get('VBD', cd)).toMatchObject({ VDI: data, empty: false });
  await call('VBD.eject', cd);
  expect(api.db.get('VBD', cd)).toMatchObject({ VDI: NULL_REF, empty: true });
});

function newVdi(): ConstructorArguments<'VDI'> {
  const initial = Object.fromEntries(classModel('VDI').constructorFields.map((field) => [field.name, field.initial]));
  return { ...(initial as ConstructorArguments<'VDI'>), type: 'user' };
}

/** Starts the domain of a VM on the host, past everything that VM.start checks. */
async function start(vm: Ref<'VM'>): Promise<void> {
  const { api, host, physical } = pool;
  const spec = domainSpec(api.db, vm);
  followDomains(physical);
  await physical.compute.start(spec, false, standInTask({ local: true, address: 'test' }));
  const state = await domainState(physical, spec.uuid);
  await vi.waitFor(() => expect(guestState(physical, spec.uuid)).toBeDefined());
  markRunning(api, vm, host, state);
}

test('a drive is as fast as its record says, from the moment when that is written', async () => {
  const { api, call, physical } = pool;
  const vm = await pool.createVm();
  await pool.createDisk(vm, '0');
  await pool.startVm(vm);
  const [vbd = NULL_REF] = api.db.get('VM', vm).VBDs;
  const { uuid } = api.db.get('VM', vm);
  const limits = async () => [...((await physical.compute.describeOne(uuid))?.disks[0]?.qos ?? [])];
  await call('VBD.set_qos_algorithm_params', vbd, new Map([['iops', '200']]));
  expect(await limits()).toEqual([]);
  await call('VBD.set_qos_algorithm_type', vbd, 'ratelimit');
  expect(await limits()).toEqual([['iops', '200']]);
  await call('VBD.add_to_qos_algorithm_params', vbd, 'kbps', '1000');
  expect(await limits()).toHaveLength(2);
  expect(api.db.get('VBD', vbd).qos_supported_algorithms).toEqual(['ratelimit']);
});
