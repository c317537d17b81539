import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Rpc } from '../../test-support/rpc.js';
import { BackupClient, BLOCK, backUpTwice } from '../support/nbd-backup.js';
import { onlyCached, told } from './support/client-cache.js';
import { kvmGateway } from './support/gateway.js';
import { readInGuest, writeInGuest } from './support/guest-files.js';
import { imageDirectory, leftovers } from './support/leftovers.js';
import { addCard, addDrive, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// The disk of a running guest, backed up over NBD from the host that it runs on.
const gateway = kvmGateway();

const MIB = 2 ** 20;

let rpc: Rpc;
let directory: string;
let vm: string;
let uuid: string;
let vdi: string;

beforeAll(async () => {
  const { xapi, host, guest, daemon } = gateway;
  directory = await mkdtemp(join(tmpdir(), 'nbd-'));
  rpc = await Rpc.login(daemon);
  const sr = onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref;
  await copyFile(guest.disk, join(imageDirectory(host), 'guest.qcow2'));
  await xapi.callAsync('SR.scan', sr);
  vdi = (await told(xapi, 'VDI', { SR: sr, virtual_size: 64 * MIB })).$ref;
  vm = await vmFromTemplate(xapi, 'backed up');
  await addDrive(xapi, vm, vdi, '0');
  await addCard(xapi, vm, '0');
  uuid = String(xapi.getObjectByRef(vm).uuid);
  await xapi.callAsync('VM.start', vm, false, false);
  await guestUp(xapi, vm);
});
afterAll(async () => {
  rpc.close();
  await rm(directory, { recursive: true });
});

it('is offered at the address of the host, once its network has the purpose', async () => {
  const { xapi, host } = gateway;
  const client = new BackupClient(rpc, directory);
  await expect(client.info(vdi)).rejects.toThrow('0 ways');
  await rpc.call('network.add_purpose', onlyCached(xapi, 'network', { bridge: 'xenbr0' }).$ref, 'nbd');
  expect(await client.info(vdi)).toMatchObject({ address: host.address });
});

it('is not read while the guest writes to it', async () => {
  const client = new BackupClient(rpc, directory);
  await expect(client.copy(vdi)).rejects.toMatchObject({ actual: { stderr: expect.stringContaining('VDI_IN_USE') } });
});

it('is backed up twice, the second time only what the guest has written', async () => {
  const { host } = gateway;
  const blocks = await backUpTwice(rpc, directory, vdi, () => writeInGuest(host, uuid, '/mnt/mark', 'x'.repeat(3000)));
  expect(blocks).toBeGreaterThan(0);
  expect(blocks).toBeLessThan((64 * MIB) / BLOCK / 4);
  expect(await readInGuest(host, uuid, '/mnt/mark')).toHaveLength(3000);
});

it('is told to have changed also after the gateway was killed, and no program is left', async () => {
  const { host } = gateway;
  await rpc.call('VDI.enable_cbt', vdi);
  const client = new BackupClient(rpc, directory);
  const first = await client.snapshot(vdi);
  const copy = await client.copy(first);
  await rpc.call('VDI.data_destroy', first);
  rpc.close();
  await gateway.crashAndStart();
  rpc = await Rpc.login(gateway.daemon);
  const again = new BackupClient(rpc, directory);
  await writeInGuest(host, uuid, '/mnt/other', 'y'.repeat(3000));
  const second = await again.snapshot(vdi);
  expect(await again.update(second, copy, await again.changed(first, second))).toBeGreaterThan(0);
  expect(await again.same(second, copy)).toBe(true);
  await expect.poll(async () => (await leftovers(gateway)).helpers).toEqual([]);
});
