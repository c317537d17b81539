import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { beforeAll, expect, it } from 'vitest';
import { askAgent, guestAddresses } from '../../test-support/libvirt/guest-domain.js';
import { until } from '../../test-support/libvirt/until.js';
import { cached, onlyCached, refIn, told, toldGone } from './support/client-cache.js';
import { colours, coloursOn, connectConsole, webSocketConsole } from './support/console-client.js';
import { kvmGateway } from './support/gateway.js';
import { bootId, readInGuest, writeInGuest } from './support/guest-files.js';
import { imageDirectory, type Leftovers, leftovers } from './support/leftovers.js';
import { VirshView } from './support/virsh-view.js';
import { addCard, addDrive, addressOf, addVolume, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// One VM from its template to its end, through Xen Orchestra's connector; after each step virsh says what is really there.
// The steps build on each other.
const gateway = kvmGateway();

const MiB = 2 ** 20;
const NAME = 'One & "only" <VM> ☃';
const FILE = '/mnt/mark';

let before: Leftovers;
let sr: string;
let vm: string;
let uuid: string;
let virsh: VirshView;
let snapshot: string;
let checkpoint: string;
let bootAtCheckpoint: string;

const machine = () => gateway.xapi.getObjectByRef(vm);
/** What virsh shows of it, the places of its disks aside. */
const shown = async () => ({
  state: await virsh.state(),
  disks: [...(await virsh.disks()).keys()],
  cards: (await virsh.cards()).length,
});

beforeAll(async () => {
  before = await leftovers(gateway);
});

it('is made from a template, with a disk that was found in the SR, and is a domain at once', async () => {
  const { xapi, host, guest } = gateway;
  sr = onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref;
  await copyFile(guest.disk, join(imageDirectory(host), 'guest.qcow2'));
  await xapi.callAsync('SR.scan', sr);
  const vdi = await told(xapi, 'VDI', { SR: sr, virtual_size: 64 * MiB });

  vm = await vmFromTemplate(xapi, NAME);
  await addDrive(xapi, vm, vdi.$ref, '0');
  const vif = await addCard(xapi, vm, '0');
  uuid = String(machine().uuid);
  virsh = new VirshView(host, uuid);

  await until('the domain and its devices', async () => {
    if (!(await host.virsh('list', '--all', '--uuid')).includes(uuid)) return undefined;
    const { disks, cards } = await shown();
    return disks.length === 1 && cards === 1 ? true : undefined;
  });
  expect(await virsh.state()).toBe('shut off');
  expect(await host.virsh('domname', uuid)).toBe(NAME);
  expect([...(await virsh.disks()).values()]).toEqual(['/var/lib/libvirt/images/guest.qcow2']);
  expect(await virsh.cards()).toEqual([expect.objectContaining({ source: 'xenbr0', mac: xapi.getObjectByRef(vif).MAC })]);
});

it('boots until its agent answers, and tells its address', async () => {
  const { xapi, host } = gateway;
  await xapi.callAsync('VM.start', vm, false, false);
  expect(await shown()).toEqual({ state: 'running', disks: ['vda'], cards: 1 });
  await told(xapi, 'VM', { $ref: vm, power_state: 'Running' });

  const metrics = await guestUp(xapi, vm);
  expect(metrics).toMatchObject({
    live: true,
    PV_drivers_detected: true,
    can_use_hotplug_vbd: 'yes',
    can_use_hotplug_vif: 'yes',
  });
  const address = addressOf(metrics, '0');
  expect(await guestAddresses(host, uuid)).toEqual([address]);
  // The guest is there, and nobody listens.
  await expect(once(createConnection(9, address), 'connect')).rejects.toThrow('ECONNREFUSED');
});

it('shows its screen to viewers that connect, to browsers, and as a picture', async () => {
  const { xapi, host, daemon } = gateway;
  const { location } = onlyCached(xapi, 'console', { VM: vm, protocol: 'rfb' });
  expect(new URL(String(location)).hostname).toBe(host.address);
  const open = [String(location), xapi.sessionId, daemon.https] as const;
  expect(await coloursOn(await connectConsole(...open))).toBeGreaterThan(1);
  expect(await coloursOn(await webSocketConsole(...open))).toBeGreaterThan(1);

  const { body } = await xapi.getResource('/vncsnapshot', { query: { uuid } });
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  expect(colours(jpeg.decode(Buffer.concat(parts)))).toBeGreaterThan(1);
});

it('gets another disk while it runs', async () => {
  const { xapi, host } = gateway;
  const vdi = await addVolume(xapi, sr, 'second', 16 * MiB);
  const vbd = await addDrive(xapi, vm, vdi, '1');
  await xapi.callAsync('VBD.plug', vbd);
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 1 });
  await told(xapi, 'VBD', { $ref: vbd, currently_attached: true, device: 'xvdb' });
  await until('the disk in the guest', async () =>
    JSON.stringify(await askAgent(host, uuid, 'guest-get-disks')).includes('/dev/vdb') ? true : undefined,
  );
});

it('gets another card while it runs, and tells its address', async () => {
  const { xapi, host } = gateway;
  const vif = await addCard(xapi, vm, '1');
  await xapi.callAsync('VIF.plug', vif);
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 2 });
  expect(await virsh.cards()).toContainEqual(expect.objectContaining({ mac: xapi.getObjectByRef(vif).MAC }));
  const address = await until('the address of the second card', async () => {
    const metrics = xapi.getObjectByRef(refIn(machine(), 'guest_metrics'), undefined);
    return metrics && addressOf(metrics, '1');
  });
  expect(await guestAddresses(host, uuid)).toContain(address);
});

it('is snapshotted while it runs, and goes on', async () => {
  const { xapi, host } = gateway;
  await writeInGuest(host, uuid, FILE, 'at the snapshot');
  const boot = await bootId(host, uuid);
  const disksBefore = await virsh.disks();
  snapshot = String(await xapi.callAsync('VM.snapshot', vm, 'a snapshot'));
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 2 });
  expect(await bootId(host, uuid)).toBe(boot);
  // It writes into new files; what there was stays as it is.
  const disks = await virsh.disks();
  expect([...disks.values()].filter((path) => [...disksBefore.values()].includes(path))).toEqual([]);
  await told(xapi, 'VM', { $ref: snapshot, is_a_snapshot: true, snapshot_of: vm, power_state: 'Halted' });
  await writeInGuest(host, uuid, FILE, 'after the snapshot');
  expect(await virsh.domains()).toEqual([uuid]);
});

it('is snapshotted with its memory, and goes on', async () => {
  const { xapi, host } = gateway;
  bootAtCheckpoint = await bootId(host, uuid);
  checkpoint = String(await xapi.callAsync('VM.checkpoint', vm, 'a checkpoint'));
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 2 });
  expect(await bootId(host, uuid)).toBe(bootAtCheckpoint);
  await told(xapi, 'VM', { $ref: checkpoint, is_a_snapshot: true, power_state: 'Suspended' });
  await writeInGuest(host, uuid, FILE, 'after the checkpoint');
});

it('is suspended and resumes where it was', async () => {
  const { xapi, host } = gateway;
  await xapi.callAsync('VM.suspend', vm);
  expect(await shown()).toEqual({ state: 'shut off', disks: ['vda', 'vdb'], cards: 2 });
  expect((await host.qemuPids()).size).toBe(0);
  const { suspend_VDI } = await told(xapi, 'VM', { $ref: vm, power_state: 'Suspended' });
  await told(xapi, 'VDI', { $ref: suspend_VDI, type: 'suspend' });

  await xapi.callAsync('VM.resume', vm, false, false);
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 2 });
  await guestUp(xapi, vm);
  expect(await bootId(host, uuid)).toBe(bootAtCheckpoint);
  await toldGone(xapi, 'VDI', { $ref: suspend_VDI });
});

it('reboots when it is asked to', async () => {
  const { xapi, host } = gateway;
  await xapi.callAsync('VM.clean_reboot', vm);
  await guestUp(xapi, vm);
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 2 });
  expect(await bootId(host, uuid)).not.toBe(bootAtCheckpoint);
  expect(await readInGuest(host, uuid, FILE)).toBe('after the checkpoint');
});

it('goes back to the checkpoint, memory and all', async () => {
  const { xapi, host } = gateway;
  await xapi.callAsync('VM.revert', checkpoint);
  expect((await shown()).state).toBe('shut off');
  await told(xapi, 'VM', { $ref: vm, power_state: 'Suspended' });
  await xapi.callAsync('VM.resume', vm, false, false);
  await guestUp(xapi, vm);
  expect(await shown()).toEqual({ state: 'running', disks: ['vda', 'vdb'], cards: 2 });
  expect(await bootId(host, uuid)).toBe(bootAtCheckpoint);
  expect(await readInGuest(host, uuid, FILE)).toBe('after the snapshot');
});

it('goes back to the snapshot', async () => {
  const { xapi, host } = gateway;
  await xapi.callAsync('VM.revert', snapshot);
  expect(await shown()).toEqual({ state: 'shut off', disks: ['vda', 'vdb'], cards: 2 });
  await told(xapi, 'VM', { $ref: vm, power_state: 'Halted' });
  await xapi.callAsync('VM.start', vm, false, false);
  await guestUp(xapi, vm);
  expect((await shown()).state).toBe('running');
  expect(await readInGuest(host, uuid, FILE)).toBe('at the snapshot');
});

it('shuts down when it is asked to', async () => {
  const { xapi, host } = gateway;
  await xapi.callAsync('VM.clean_shutdown', vm);
  expect(await shown()).toEqual({ state: 'shut off', disks: ['vda', 'vdb'], cards: 2 });
  expect((await host.qemuPids()).size).toBe(0);
  await told(xapi, 'VM', { $ref: vm, power_state: 'Halted', allowed_operations: machine().allowed_operations });
});

it('is destroyed with everything that belonged to it', async () => {
  const { xapi } = gateway;
  for (const one of [checkpoint, snapshot, vm]) await xapi.callAsync('VM.destroy', one);
  await toldGone(xapi, 'VM', { $ref: vm });
  for (const { $ref } of cached(xapi, 'VDI', { SR: sr })) await xapi.callAsync('VDI.destroy', $ref);
  await until(
    'the end of everything',
    async () => {
      expect(cached(xapi, 'VDI', { SR: sr })).toEqual([]);
      return JSON.stringify(await leftovers(gateway)) === JSON.stringify(before) ? true : undefined;
    },
    15_000,
  ).catch(async () => expect(await leftovers(gateway)).toEqual(before));
});
