import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { digestOf, disksOf, exported, imported, removeWithDisks } from '../sr-life/calls.js';
import { onlyCached, refIn, told } from './support/client-cache.js';
import { kvmGateway } from './support/gateway.js';
import { readInGuest, writeInGuest } from './support/guest-files.js';
import { imageDirectory, leftovers } from './support/leftovers.js';
import { addCard, addDrive, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// A VM of a KVM host that goes into a file and comes back, by the connector of Xen Orchestra.
const gateway = kvmGateway();

const MIB = 2 ** 20;
const FILE = '/mnt/mark';

let vm: string;
let file: Buffer;

let suspended: Buffer;

beforeAll(async () => {
  const { xapi, host, guest } = gateway;
  const sr = onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref;
  const image = join(imageDirectory(host), 'guest.qcow2');
  await copyFile(guest.disk, image);
  await xapi.callAsync('SR.scan', sr);
  const found = await told(xapi, 'VDI', { SR: sr, virtual_size: 64 * MIB });
  const vdi = String(await xapi.callAsync('VDI.copy', found.$ref, sr));
  await xapi.callAsync('VDI.destroy', found.$ref);
  await rm(image, { force: true });
  vm = await vmFromTemplate(xapi, 'goes into a file');
  await addDrive(xapi, vm, vdi, '0');
  await addCard(xapi, vm, '0');
  await xapi.callAsync('VM.start', vm, false, false);
  await guestUp(xapi, vm);
  await writeInGuest(host, uuidOf(vm), FILE, 'written before the export');
  await xapi.callAsync('VM.suspend', vm);
  suspended = await exported(gateway, vm, { preserve_power_state: 'true' });
  await xapi.callAsync('VM.hard_shutdown', vm);
  await told(xapi, 'VM', { $ref: vm, power_state: 'Halted' });
});

async function digestOfDisk(machine: string): Promise<string> {
  return digestOf(gateway, disksOf(gateway, machine)[0] ?? '');
}

function uuidOf(ref: string): string {
  return String(gateway.xapi.getObjectByRef(ref).uuid);
}

it.each(['false', 'true', 'zstd'])('comes back with the same disk, use_compression=%s', async (use_compression) => {
  file = await exported(gateway, vm, { use_compression });
  const copy = await imported(gateway, file);
  expect(await digestOfDisk(copy)).toBe(await digestOfDisk(vm));
  await removeWithDisks(gateway, copy);
});

it('boots, as a machine of its own', async () => {
  const { xapi, host } = gateway;
  const copy = await imported(gateway, file);
  await xapi.callAsync('VM.start', copy, false, false);
  await guestUp(xapi, copy);
  expect(await readInGuest(host, uuidOf(copy), FILE)).toBe('written before the export');
  await xapi.callAsync('VM.hard_shutdown', copy);
  await told(xapi, 'VM', { $ref: copy, power_state: 'Halted' });
  await removeWithDisks(gateway, copy);
});

it('comes back as itself when it is gone, and goes on where it was suspended', async () => {
  const { xapi, host } = gateway;
  const uuid = uuidOf(vm);
  await removeWithDisks(gateway, vm);
  vm = await imported(gateway, suspended, { restore: 'true' });
  expect(uuidOf(vm)).toBe(uuid);
  await told(xapi, 'VM', { $ref: vm, power_state: 'Suspended' });
  await xapi.callAsync('VM.resume', vm, false, false);
  await told(xapi, 'VM', { $ref: vm, power_state: 'Running' });
  expect(await readInGuest(host, uuid, FILE)).toBe('written before the export');
  await xapi.callAsync('VM.hard_shutdown', vm);
});

it('takes the place of what is there, and stays', async () => {
  const { xapi } = gateway;
  const uuid = uuidOf(vm);
  const old = disksOf(gateway, vm);
  const digest = await digestOfDisk(vm);
  const whole = await exported(gateway, vm);
  vm = await imported(gateway, whole, { restore: 'true', force: 'true' });
  expect(uuidOf(vm)).toBe(uuid);
  // What the host tells of domains comes a little later.
  await sleep(3000);
  expect(xapi.getObjectByRef(vm, undefined)?.uuid).toBe(uuid);
  expect(await digestOfDisk(vm)).toBe(digest);
  for (const vdi of old) await xapi.callAsync('VDI.destroy', vdi);
});

it('is off when it was suspended and comes back as another machine', async () => {
  const { xapi } = gateway;
  const copy = await imported(gateway, suspended);
  await told(xapi, 'VM', { $ref: copy, power_state: 'Halted' });
  expect(refIn(xapi.getObjectByRef(copy), 'suspend_VDI')).toBe('OpaqueRef:NULL');
  await removeWithDisks(gateway, copy);
});

it('leaves nothing when its file is cut off', async () => {
  const { xapi } = gateway;
  const before = await leftovers(gateway);
  const task = String(await xapi.call('task.create', 'import', ''));
  await xapi.putResource(file.subarray(0, Math.floor(file.length / 2)), '/import/', { task }).catch(() => undefined);
  await told(xapi, 'task', { $ref: task, status: 'failure' });
  expect(await leftovers(gateway)).toEqual(before);
});
