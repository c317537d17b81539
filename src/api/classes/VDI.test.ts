import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { classModel } from '../../model/class-model.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { ConstructorArguments } from '../../model/types.js';
import { standInTask } from '../stand-in-task.js';
import { BLOCK_SIZE } from '../storage/block-digests.js';
import { resetDisksAtBoot, volumeAddress } from '../storage/volumes.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';
import { markRunning } from '../world/domain-records.js';
import { domainSpec } from '../world/domain-spec.js';
import { domainState, followDomains, guestState } from '../world/domain-states.js';

const MIB = 2 ** 20;
const NONE = new Map<string, string>();

let pool: EmulatedPool;
beforeEach(async () => {
  pool = await emulatedPool();
});
afterEach(() => pool.close());

function create(fields: Partial<ConstructorArguments<'VDI'>> = {}): Promise<Ref<'VDI'>> {
  const initial = Object.fromEntries(classModel('VDI').constructorFields.map((field) => [field.name, field.initial]));
  return pool.call('VDI.create', {
    ...(initial as ConstructorArguments<'VDI'>),
    SR: pool.sr,
    virtual_size: 4 * MIB,
    type: 'user',
    name_label: 'disk',
    ...fields,
  });
}

/** Writes bytes into a disk, from a block on. */
async function write(vdi: Ref<'VDI'>, block: number, text: string): Promise<void> {
  const stream = await pool.physical.storage.write(volumeAddress(pool.api, vdi), block * BLOCK_SIZE);
  if (!stream.write(text)) await once(stream, 'drain');
  stream.end();
  await finished(stream);
}

async function content(vdi: Ref<'VDI'>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of (await pool.physical.storage.read(volumeAddress(pool.api, vdi))) as AsyncIterable<Buffer>)
    pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A second SR, of a kind that takes any place. */
function secondSr(): Promise<Ref<'SR'>> {
  return pool.call('SR.create', pool.host, NONE, 0, 'second', '', 'dummy', 'user', false, NONE);
}

test('a disk is made and destroyed with what its SR says of space', async () => {
  const { api, call, sr } = pool;
  const vdi = await create({ tags: ['t'], other_config: new Map([['k', 'v']]) });
  expect(api.db.get('VDI', vdi)).toMatchObject({
    name_label: 'disk',
    virtual_size: 4 * MIB,
    managed: true,
    missing: false,
    tags: ['t'],
    allowed_operations: [
      'clone',
      'copy',
      'resize',
      'resize_online',
      'snapshot',
      'destroy',
      'forget',
      'update',
      'generate_config',
    ],
  });
  expect(api.db.get('SR', sr).virtual_allocation).toBe(4 * MIB);
  const vm = await pool.createVm();
  const vbd = api.db.create('VBD', { VM: vm, VDI: vdi, type: 'Disk', userdevice: '0' });
  const cd = api.db.create('VBD', { VM: vm, VDI: vdi, type: 'CD', userdevice: '1' });
  await call('VDI.destroy', vdi);
  expect(api.db.exists('VBD', vbd)).toBe(false);
  expect(api.db.get('VBD', cd)).toMatchObject({ VDI: NULL_REF, empty: true });
  expect(api.db.get('SR', sr)).toMatchObject({ virtual_allocation: 0, current_operations: new Map(), VDIs: [] });
  expect(await pool.physical.storage.scan(api.db.get('SR', sr).uuid)).toEqual([]);
  await expect(create({ type: 'cbt_metadata' })).rejects.toMatchObject({
    code: 'VDI_INCOMPATIBLE_TYPE',
    params: ['', 'cbt_metadata'],
  });
});

test('a snapshot keeps the content of its time; a revert brings it back', async () => {
  const { api, call } = pool;
  const vdi = await create({ xenstore_data: new Map([['x', 'y']]) });
  await write(vdi, 0, 'before');
  const snapshot = await call<Ref<'VDI'>>('VDI.snapshot', vdi, NONE);
  expect(api.db.get('VDI', snapshot)).toMatchObject({ is_a_snapshot: true, snapshot_of: vdi, name_label: 'disk' });
  expect(api.db.get('VDI', snapshot).snapshot_time).not.toBe('19700101T00:00:00Z');
  expect(api.db.get('VDI', vdi).snapshots).toEqual([snapshot]);
  await write(vdi, 0, 'after!');
  expect((await content(snapshot)).toString('latin1', 0, 6)).toBe('before');
  await call('VDI.revert', snapshot);
  expect((await content(vdi)).toString('latin1', 0, 6)).toBe('before');
  await expect(call('VDI.revert', vdi)).rejects.toMatchObject({ code: 'REVERT_ONLY_ALLOWED_ON_SNAPSHOT' });
  api.db.set('VDI', vdi, { sharable: true });
  await expect(call('VDI.snapshot', vdi, NONE)).rejects.toMatchObject({ code: 'VDI_IS_SHARABLE', params: [vdi] });
});

test('a clone goes its own way', async () => {
  const { api, call } = pool;
  const vdi = await create();
  await write(vdi, 1, 'common');
  const clone = await call<Ref<'VDI'>>('VDI.clone', vdi, NONE);
  await write(clone, 1, 'my own');
  expect((await content(vdi)).toString('latin1', BLOCK_SIZE, BLOCK_SIZE + 6)).toBe('common');
  expect(api.db.get('VDI', clone)).toMatchObject({ is_a_snapshot: false, snapshot_of: NULL_REF });
});

test('copies: to another SR, into a disk, and only what differs from a base', async () => {
  const { api, call, sr } = pool;
  const vdi = await create({ read_only: true });
  await write(vdi, 0, 'zero');
  await write(vdi, 5, 'five');
  const other = await secondSr();
  const copy = await call<Ref<'VDI'>>('VDI.copy', vdi, other, NULL_REF, NULL_REF);
  expect(api.db.get('VDI', copy)).toMatchObject({ SR: other, read_only: false, name_label: 'disk' });
  expect((await content(copy)).equals(await content(vdi))).toBe(true);
  const base = await call<Ref<'VDI'>>('VDI.snapshot', vdi, NONE);
  await write(vdi, 5, 'FIVE');
  const target = await create();
  await call('VDI.copy', vdi, NULL_REF, base, target);
  const [differences, whole] = [await content(target), await content(vdi)];
  expect(differences.subarray(0, 4).equals(Buffer.alloc(4))).toBe(true);
  expect(differences.subarray(5 * BLOCK_SIZE).equals(whole.subarray(5 * BLOCK_SIZE))).toBe(true);
  const small = await create({ virtual_size: MIB });
  await expect(call('VDI.copy', vdi, sr, NULL_REF, small)).rejects.toMatchObject({
    code: 'VDI_TOO_SMALL',
    params: [small, String(4 * MIB)],
  });
  await expect(call('VDI.copy', small, sr, NULL_REF, vdi)).rejects.toMatchObject({ code: 'VDI_READONLY', params: [vdi] });
});

test('a checksum is the MD5 of all bytes', async () => {
  const vdi = await create();
  await write(vdi, 3, 'data');
  expect(await pool.call('VDI.checksum', vdi)).toBe(
    createHash('md5')
      .update(await content(vdi))
      .digest('hex'),
  );
});

test('a disk grows but does not shrink', async () => {
  const { api, call } = pool;
  const vdi = await create();
  await call('VDI.resize', vdi, 8 * MIB);
  expect(api.db.get('VDI', vdi).virtual_size).toBe(8 * MIB);
  await expect(call('VDI.resize', vdi, MIB)).rejects.toMatchObject({ code: 'VDI_TOO_SMALL' });
});

test('changed blocks are told, also when the data of the earlier state is gone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'vdi-'));
  try {
    Object.assign(pool.api, { dataDir });
    const { api, call } = pool;
    const vdi = await create();
    await expect(call('VDI.list_changed_blocks', vdi, vdi)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_460' });
    await call('VDI.enable_cbt', vdi);
    await write(vdi, 1, 'one');
    const before = await call<Ref<'VDI'>>('VDI.snapshot', vdi, NONE);
    await write(vdi, 1, 'two');
    await write(vdi, 12, 'new');
    const changes = Buffer.from([0b0100_0000, 0b0000_1000, 0, 0, 0, 0, 0, 0]).toString('base64');
    expect(await call('VDI.list_changed_blocks', before, vdi)).toBe(changes);
    await call('VDI.data_destroy', before);
    expect(api.db.get('VDI', before)).toMatchObject({ type: 'cbt_metadata', physical_utilisation: 0 });
    expect(await call('VDI.list_changed_blocks', before, vdi)).toBe(changes);
    await call('SR.scan', pool.sr);
    await expect(call('VDI.clone', before, NONE)).rejects.toMatchObject({ code: 'VDI_INCOMPATIBLE_TYPE' });
    await call('VDI.destroy', before);
    await call('VDI.disable_cbt', vdi);
    await expect(call('VDI.data_destroy', vdi)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test('a disk moves to another SR with its snapshots, under a halted and under a running VM', async () => {
  const { api, call } = pool;
  const vdi = await create();
  const other = await secondSr();
  await expect(call('VDI.pool_migrate', vdi, other, NONE)).rejects.toMatchObject({
    code: 'VDI_NEEDS_VM_FOR_MIGRATE',
    params: [vdi],
  });
  const vm = await pool.createVm();
  const vbd = api.db.create('VBD', { VM: vm, VDI: vdi, type: 'Disk', mode: 'RW', userdevice: '0' });
  await write(vdi, 0, 'old');
  await call('VDI.snapshot', vdi, NONE);
  await write(vdi, 0, 'new');
  const moved = await call<Ref<'VDI'>>('VDI.pool_migrate', vdi, other, NONE);
  expect(api.db.get('VBD', vbd).VDI).toBe(moved);
  expect(api.db.get('VDI', moved)).toMatchObject({ SR: other, name_label: 'disk' });
  const [snapshot = NULL_REF] = api.db.get('VDI', moved).snapshots;
  expect((await content(snapshot)).toString('latin1', 0, 3)).toBe('old');
  expect((await content(moved)).toString('latin1', 0, 3)).toBe('new');
  expect(api.db.get('SR', pool.sr).VDIs).toEqual([]);
  await start(vm);
  const back = await call<Ref<'VDI'>>('VDI.pool_migrate', moved, pool.sr, NONE);
  expect(api.db.get('VBD', vbd)).toMatchObject({ VDI: back, currently_attached: true });
  expect((await content(back)).toString('latin1', 0, 3)).toBe('new');
});

test('a disk that forgets goes back at the start of its VM', async () => {
  const { api, call } = pool;
  const vm = await pool.createVm();
  const vdi = await pool.createDisk(vm, '0', 4 * MIB);
  await call('VDI.set_on_boot', vdi, 'reset');
  await resetDisksAtBoot(api, vm);
  await write(vdi, 0, 'scratch');
  await resetDisksAtBoot(api, vm);
  expect((await content(vdi)).subarray(0, 7).equals(Buffer.alloc(7))).toBe(true);
  await expect(call('VDI.copy', vdi, pool.sr, NULL_REF, NULL_REF)).rejects.toMatchObject({
    code: 'VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION',
  });
  await call('VDI.set_on_boot', vdi, 'persist');
  expect(api.db.get('SR', pool.sr).VDIs).toEqual([vdi]);
});

test('a disk that forgets goes back when the guest reboots by itself', async () => {
  const { api, call, world } = pool;
  const vm = await pool.createVm();
  const vdi = await pool.createDisk(vm, '0', 4 * MIB);
  await call('VDI.set_on_boot', vdi, 'reset');
  await pool.startVm(vm);
  const { uuid, domid } = api.db.get('VM', vm);
  await write(vdi, 0, 'scratch');
  world.guestDoes(uuid, 'reboot');
  await vi.waitFor(() => {
    expect(api.db.get('VM', vm)).toMatchObject({ power_state: 'Running', current_operations: new Map() });
    expect(api.db.get('VM', vm).domid).not.toBe(domid);
  });
  expect((await content(vdi)).subarray(0, 7).equals(Buffer.alloc(7))).toBe(true);
  expect([...api.db.all('message')].map(([, { name }]) => name)).toContain('VM_REBOOTED');
});

test('a disk for several VMs is plain bytes, so is its copy, and it is never put on layers', async () => {
  const { api, call, sr } = pool;
  const shared = await create({ sharable: true, sm_config: new Map([['type', 'vhd']]) });
  const copy = await call<Ref<'VDI'>>('VDI.copy', shared, sr, NULL_REF, NULL_REF);
  for (const vdi of [shared, copy]) {
    expect(api.db.get('VDI', vdi)).toMatchObject({ sharable: true, sm_config: new Map([['type', 'raw']]) });
    for (const method of ['VDI.snapshot', 'VDI.clone'])
      await expect(call(method, vdi, NONE)).rejects.toMatchObject({ code: 'VDI_IS_SHARABLE', params: [vdi] });
  }
});

test('a disk that forgets goes back when its VM is rebooted, too', async () => {
  const { api, call } = pool;
  const vm = await pool.createVm();
  const vdi = await pool.createDisk(vm, '0', 4 * MIB);
  await write(vdi, 0, 'at first');
  await call('VDI.set_on_boot', vdi, 'reset');
  await pool.startVm(vm);
  for (const message of ['VM.hard_reboot', 'VM.clean_reboot']) {
    await write(vdi, 0, 'scratch!');
    await call(message, vm);
    expect(api.db.get('VM', vm)).toMatchObject({ power_state: 'Running' });
    expect((await content(vdi)).toString('latin1', 0, 8)).toBe('at first');
    await vi.waitFor(() => expect(api.db.exists('VM_guest_metrics', api.db.get('VM', vm).guest_metrics)).toBe(true));
  }
});

test('a disk on the storage gets a record by its location', async () => {
  const { api, call, sr, physical } = pool;
  const { uuid } = api.db.get('SR', sr);
  const volume = { uuid: '00000000-0000-4000-8000-0000000000d1', virtualSize: MIB, name: 'v', description: '', smConfig: NONE };
  const { location } = await physical.storage.createVolume(uuid, volume);
  const said = ['named', '', sr, 'user', true, false, new Map([['a', 'b']])];
  const rest = [NONE, NONE, true, 0, 0, '', false, '19700101T00:00:00Z', ''];
  const vdi = await call<Ref<'VDI'>>('VDI.introduce', volume.uuid, ...said, location, ...rest);
  expect(api.db.get('VDI', vdi)).toMatchObject({ name_label: 'named', sharable: true, virtual_size: MIB, uuid: volume.uuid });
  await expect(call('VDI.introduce', '', ...said, location, ...rest)).rejects.toMatchObject({
    code: 'LOCATION_NOT_UNIQUE',
    params: [sr, location],
  });
  await expect(call('VDI.introduce', '', ...said, 'nowhere', ...rest)).rejects.toMatchObject({ code: 'VDI_LOCATION_MISSING' });
  await call('VDI.forget', vdi);
  await call('SR.scan', sr);
  expect(api.db.get('SR', sr).VDIs).toHaveLength(1);
});

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
