import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../test-support/libvirt/until.js';
import { onlyCached, told } from './support/client-cache.js';
import { kvmGateway } from './support/gateway.js';
import { leftovers } from './support/leftovers.js';
import { addCard, addDrive, addVolume, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// Disks of a KVM host that come in and go out over HTTP, beside QEMU's own program, by the connector of Xen Orchestra.
const gateway = kvmGateway();

const qemuImg = promisify(execFile);
const MIB = 2 ** 20;
const SIZE = 64 * MIB;

let directory: string;
let sr: string;
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-streams-'));
  sr = onlyCached(gateway.xapi, 'SR', { name_label: 'Local storage' }).$ref;
  await qemuImg('qemu-img', ['convert', '-O', 'raw', gateway.guest.disk, at('guest.raw')]);
});
afterAll(() => rm(directory, { recursive: true }));

/** Sends a file and gives the disk that the task names. */
async function sent(file: string, query: Readonly<Record<string, string>>): Promise<string> {
  const { xapi } = gateway;
  const task = String(await xapi.call('task.create', 'import', ''));
  await xapi.putResource(await readFile(at(file)), '/import_raw_vdi/', { query, task });
  const { result, error_info } = await told(xapi, 'task', { $ref: task, status: 'success' });
  expect(error_info).toEqual([]);
  const [, ref = ''] = /^<value>(OpaqueRef:[^<]+)<\/value>$/.exec(String(result)) ?? [];
  return (await told(xapi, 'VDI', { $ref: ref, current_operations: {} })).$ref;
}

async function fetched(vdi: string, name: string, query: Readonly<Record<string, string>>): Promise<void> {
  const { body } = await gateway.xapi.getResource('/export_raw_vdi/', { query: { vdi, ...query } });
  await writeFile(at(name), await buffer(body));
  await told(gateway.xapi, 'VDI', { $ref: vdi, current_operations: {} });
}

/** Whether QEMU finds the disk of the guest in an image. */
async function isGuest(name: string, format: string): Promise<void> {
  await qemuImg('qemu-img', ['compare', '-f', format, '-F', 'raw', at(name), at('guest.raw')]);
}

it.each([
  ['raw', 'raw', []],
  ['vhd', 'vpc', ['-o', 'force_size=on']],
  ['vhd', 'vpc', ['-o', 'force_size=on,subformat=fixed']],
  ['qcow2', 'qcow2', []],
  ['qcow2', 'qcow2', ['-c']],
] as const)('%s of QEMU (%s %j) comes in and goes out as it was', async (format, name, options) => {
  const { xapi } = gateway;
  const before = await leftovers(gateway);
  await qemuImg('qemu-img', ['convert', '-f', 'raw', '-O', name, ...options, at('guest.raw'), at('theirs')]);
  const made = await sent('theirs', { sr_id: sr, format });
  expect(xapi.getObjectByRef(made)).toMatchObject({ virtual_size: SIZE });
  const filled = await addVolume(xapi, sr, 'filled', SIZE);
  expect(await sent('theirs', { vdi: filled, format })).toBe(filled);
  await fetched(made, 'ours', { format });
  await isGuest('ours', name);
  await fetched(filled, 'ours.raw', {});
  await isGuest('ours.raw', 'raw');
  for (const vdi of [made, filled]) await xapi.callAsync('VDI.destroy', vdi);
  expect(await leftovers(gateway)).toEqual(before);
});

it('differences to a snapshot make the disk again on a clone of that', async () => {
  const { xapi } = gateway;
  const vdi = await sent('guest.raw', { sr_id: sr, format: 'raw' });
  const snapshot = String(await xapi.callAsync('VDI.snapshot', vdi));
  const changed = await readFile(at('guest.raw'));
  changed.fill(7, 30 * MIB, 30 * MIB + 5000).fill(0, 10 * MIB, 11 * MIB);
  await writeFile(at('part'), changed.subarray(0, 40 * MIB));
  await sent('part', { vdi, format: 'raw' });
  await fetched(vdi, 'differences.vhd', { format: 'vhd', base: snapshot });
  expect((await readFile(at('differences.vhd'))).length).toBeLessThan(45 * MIB);
  const clone = String(await xapi.callAsync('VDI.clone', snapshot));
  await sent('differences.vhd', { vdi: clone, format: 'vhd' });
  await fetched(clone, 'patched', {});
  expect((await readFile(at('patched'))).equals(changed)).toBe(true);
  for (const disk of [clone, snapshot, vdi]) await xapi.callAsync('VDI.destroy', disk);
});

it('an image that breaks off changes nothing, nor does one on whose way the gateway is killed', async () => {
  const { xapi, daemon } = gateway;
  const before = await leftovers(gateway);
  const vdi = await sent('guest.raw', { sr_id: sr, format: 'raw' });
  await fetched(vdi, 'whole.vhd', { format: 'vhd' });
  const whole = await readFile(at('whole.vhd'));
  const half = whole.subarray(0, whole.length / 2);
  const task = String(await xapi.call('task.create', 'import', ''));
  const query = { session_id: xapi.sessionId ?? '', vdi, format: 'vhd' };
  const url = (more: Readonly<Record<string, string>>): string =>
    `${daemon.http}/import_raw_vdi?${new URLSearchParams({ ...query, ...more })}`;
  const reply = await fetch(url({ task_id: task }), { method: 'PUT', body: half });
  await reply.arrayBuffer().catch(() => undefined);
  await told(xapi, 'task', { $ref: task, status: 'failure', error_info: ['IMPORT_ERROR_PREMATURE_EOF'] });
  await fetched(vdi, 'kept', {});
  await isGuest('kept', 'raw');
  const upload = request(url({}), { method: 'PUT', headers: { 'Content-Length': whole.length } });
  upload.on('error', () => undefined);
  upload.write(half);
  await once(upload, 'response');
  await until('a second image', async () =>
    (await leftovers(gateway)).images.length > before.images.length + 1 ? true : undefined,
  );
  await gateway.crashAndStart();
  await fetched(vdi, 'kept', {});
  await isGuest('kept', 'raw');
  await gateway.xapi.callAsync('VDI.destroy', vdi);
  expect((await leftovers(gateway)).images).toEqual(before.images);
});

it('a VM boots from a disk that came in, and keeps it from being sent meanwhile', async () => {
  const { xapi } = gateway;
  await qemuImg('qemu-img', ['convert', '-f', 'raw', '-O', 'vpc', '-o', 'force_size=on', at('guest.raw'), at('guest.vhd')]);
  const vdi = await sent('guest.vhd', { sr_id: sr, format: 'vhd', name_label: 'came in' });
  const vm = await vmFromTemplate(xapi, 'boots');
  await addDrive(xapi, vm, vdi, '0');
  await addCard(xapi, vm, '0');
  await xapi.callAsync('VM.start', vm, false, false);
  await guestUp(xapi, vm);
  await expect(xapi.getResource('/export_raw_vdi/', { query: { vdi } })).rejects.toThrow();
  await xapi.callAsync('VM.hard_shutdown', vm);
});
