import { randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../test-support/libvirt/host/host.js';
import { until } from '../../test-support/libvirt/until.js';
import { Rpc } from '../../test-support/rpc.js';
import { cached, onlyCached, refIn, refsIn, told } from './support/client-cache.js';
import { kvmGateway } from './support/gateway.js';
import { readInGuest, writeInGuest } from './support/guest-files.js';
import { imageDirectory, type Leftovers, leftovers } from './support/leftovers.js';
import { addCard, addDrive, addVolume, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// What is done with disks of VMs while others use them, and what becomes of them when something is killed in the middle.
const gateway = kvmGateway();

const MiB = 2 ** 20;
/** Milliseconds for a step in which a guest boots, on a machine that has much else to do. */
const BOOTS = 300_000;

const localSr = () => onlyCached(gateway.xapi, 'SR', { name_label: 'Local storage' }).$ref;
const uuidOf = (ref: string) => String(gateway.xapi.getObjectByRef(ref).uuid);
const driveXml = (domain: string) => gateway.host.virsh('dumpxml', domain);

/** Path of the image with the current data of a disk. */
async function imageOf(domain: string): Promise<string> {
  const [, path = ''] = /<source file='([^']+)'/.exec(await gateway.host.virsh('dumpxml', '--inactive', domain)) ?? [];
  return path;
}

/** The same file as this process sees it. */
const here = (path: string) => path.replace('/var/lib/libvirt', join(gateway.host.directory, 'lib'));

/** A VM with a disk and without a system. */
async function smallVm(name: string, vdi?: string): Promise<{ vm: string; vbd: string; vdi: string }> {
  const { xapi, host } = gateway;
  const vm = await vmFromTemplate(xapi, name);
  const disk = vdi ?? (await addVolume(xapi, localSr(), `disk of ${name}`));
  const vbd = await addDrive(xapi, vm, disk, '0');
  await until('the domain with its disk', async () => {
    const xml = await host.virsh('dumpxml', uuidOf(vm)).catch(() => '');
    return xml.includes('<source file') || undefined;
  });
  return { vm, vbd, vdi: disk };
}

async function destroy({ vm, vdi }: { vm: string; vdi?: string }): Promise<void> {
  const { xapi } = gateway;
  if ((await xapi.call('VM.get_power_state', vm)) !== 'Halted') await xapi.callAsync('VM.hard_shutdown', vm);
  await xapi.callAsync('VM.destroy', vm);
  if (vdi !== undefined) await xapi.callAsync('VDI.destroy', vdi);
}

describe('one disk of two VMs', () => {
  it('is given to one of them only', async () => {
    const { xapi } = gateway;
    const one = await smallVm('one');
    const two = await smallVm('two', one.vdi);
    await xapi.callAsync('VM.start', one.vm, false, false);
    await expect(xapi.callAsync('VM.start', two.vm, false, false)).rejects.toMatchObject({
      code: 'VDI_IN_USE',
      params: [one.vdi],
    });
    await xapi.callAsync('VM.hard_shutdown', one.vm);
    await xapi.callAsync('VM.start', two.vm, false, false);
    await xapi.callAsync('VM.hard_shutdown', two.vm);
    await destroy({ vm: two.vm });
    await destroy(one);
  });

  it('is not taken away from a program on the host, or from a domain on another host', { timeout: BOOTS }, async () => {
    const { xapi, host } = gateway;
    const small = await smallVm('held elsewhere');
    const path = await imageOf(uuidOf(small.vm));
    const hold = () => host.spawn('qemu-io', ['-f', 'qcow2', '-c', 'sleep 600000', path], { stdio: 'ignore' });
    let holder = hold();
    const refused = { code: 'VDI_IN_USE', params: [small.vdi, 'attach'] };
    await until('qemu-io to hold the image', async () => {
      const free = await host.run('qemu-img', ['info', path]).then(
        () => true,
        () => false,
      );
      if (!free) return true;
      // Whoever looks holds it too, so that one that starts at this moment is refused.
      if (holder.exitCode !== null) holder = hold();
      return undefined;
    });
    await expect(xapi.callAsync('VM.start', small.vm, false, false)).rejects.toMatchObject(refused);
    holder.kill('SIGKILL');
    expect(await xapi.call('VM.get_power_state', small.vm)).toBe('Halted');
    await until('the lock to be free', () =>
      xapi.callAsync('VM.start', small.vm, false, false).then(
        () => true,
        () => undefined,
      ),
    );
    await destroy(small);
  });
});

describe('the speed of a disk', () => {
  it('is limited from the start, changed while the VM runs, and said truly', async () => {
    const { xapi, host } = gateway;
    const small = await smallVm('limited');
    const domain = uuidOf(small.vm);
    await xapi.call('VBD.set_qos_algorithm_type', small.vbd, 'ratelimit');
    await xapi.call('VBD.set_qos_algorithm_params', small.vbd, { kbps: '1024', iops: '300' });
    await xapi.callAsync('VM.start', small.vm, false, false);
    const limits = async () =>
      Object.fromEntries(
        (await host.virsh('blkdeviotune', domain, 'vda', '--live')).split('\n').map((line) => line.split(/\s*:\s*/)),
      );
    expect(await limits()).toMatchObject({ total_bytes_sec: String(MiB), total_iops_sec: '300' });
    expect(await xapi.call('VBD.get_qos_supported_algorithms', small.vbd)).toEqual(['ratelimit']);
    await xapi.call('VBD.remove_from_qos_algorithm_params', small.vbd, 'iops');
    expect(await limits()).toMatchObject({ total_bytes_sec: String(MiB), total_iops_sec: '0' });
    await xapi.call('VBD.set_qos_algorithm_type', small.vbd, '');
    expect(await limits()).toMatchObject({ total_bytes_sec: '0', total_iops_sec: '0' });
    await until('the definition', async () => {
      return (await host.virsh('dumpxml', '--inactive', domain)).includes('iotune') ? undefined : true;
    });
    await destroy(small);
  });
});

describe('the image of a disk', () => {
  it('that is gone shows as missing, and the disk is whole again when it is back', async () => {
    const { xapi } = gateway;
    const small = await smallVm('without an image');
    const path = here(await imageOf(uuidOf(small.vm)));
    await rename(path, `${path}.away`);
    await xapi.callAsync('SR.scan', localSr());
    await told(xapi, 'VDI', { $ref: small.vdi, missing: true });
    await expect(xapi.callAsync('VM.start', small.vm, false, false)).rejects.toMatchObject({ code: 'VDI_MISSING' });
    await rename(`${path}.away`, path);
    await xapi.callAsync('SR.scan', localSr());
    await told(xapi, 'VDI', { $ref: small.vdi, missing: false });
    expect(refsIn(xapi.getObjectByRef(small.vm), 'VBDs')).toHaveLength(1);
    await xapi.callAsync('VM.start', small.vm, false, false);
    await destroy(small);
  });
});

describe('a running guest', () => {
  let vm: string;
  let vdi: string;
  let before: Leftovers;
  let other: string;
  let otherPlace: string;

  beforeAll(async () => {
    const { xapi, host, guest } = gateway;
    otherPlace = join(host.directory, 'other-sr');
    await mkdir(otherPlace);
    const master = refIn(xapi.pool, 'master');
    other = String(
      await xapi.callAsync('SR.create', master, { location: otherPlace }, 0, 'other', '', 'file', 'user', false, {}),
    );
    const image = join(imageDirectory(host), 'guest.qcow2');
    await copyFile(guest.disk, image);
    await xapi.callAsync('SR.scan', localSr());
    const found = await told(xapi, 'VDI', { name_label: 'guest.qcow2' });
    vdi = String(await xapi.callAsync('VDI.copy', found.$ref, localSr()));
    await xapi.callAsync('VDI.destroy', found.$ref);
    await rm(image, { force: true });
    vm = await vmFromTemplate(xapi, 'guest');
    await addDrive(xapi, vm, vdi, '0');
    await addCard(xapi, vm, '0');
    await xapi.callAsync('VM.start', vm, false, false);
    await guestUp(xapi, vm);
  }, BOOTS);

  const images = async (directory: string) =>
    (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.qcow2')).sort();

  it('sees that its disk has grown', async () => {
    const { xapi, host } = gateway;
    const size = Number(await xapi.call('VDI.get_virtual_size', vdi));
    await expect(xapi.callAsync('VDI.resize', vdi, size + MiB)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    await xapi.callAsync('VDI.resize_online', vdi, size + 16 * MiB);
    await told(xapi, 'VDI', { $ref: vdi, virtual_size: size + 16 * MiB });
    const sectors = await readInGuest(host, uuidOf(vm), '/sys/class/block/vda/size');
    expect(Number(sectors) * 512).toBe(size + 16 * MiB);
  });

  it('keeps its disk in one place when the gateway is killed while it moves', { timeout: BOOTS }, async () => {
    const { host } = gateway;
    await writeInGuest(host, uuidOf(vm), '/mnt/mark', 'before the move');
    const [old, there] = [await images(imageDirectory(host)), await images(otherPlace)];
    // Whose answer never comes.
    gateway.xapi.callAsync('VDI.pool_migrate', vdi, other, {}).catch(() => undefined);
    await until('the copy', async () => ((await driveXml(uuidOf(vm))).includes('<mirror') ? true : undefined));
    await gateway.crashAndStart();
    const xml = await driveXml(uuidOf(vm));
    expect(xml).not.toContain('<mirror');
    const { xapi } = gateway;
    const [vbd = ''] = refsIn(xapi.getObjectByRef(vm), 'VBDs');
    const now = refIn(xapi.getObjectByRef(vbd), 'VDI');
    const moved = refIn(xapi.getObjectByRef(now), 'SR') === other;
    expect(xml.includes(otherPlace)).toBe(moved);
    expect([await images(imageDirectory(host)), await images(otherPlace)].map((list) => list.length)).toEqual(
      moved ? [old.length - 1, there.length + 1] : [old.length, there.length],
    );
    for (const sr of [localSr(), other]) await xapi.callAsync('SR.scan', sr);
    expect(cached(xapi, 'VDI', { name_label: xapi.getObjectByRef(now).name_label })).toHaveLength(1);
    vdi = now;
    expect(await readInGuest(host, uuidOf(vm), '/mnt/mark')).toBe('before the move');
  });

  it('goes on at the new place of its disk', async () => {
    const { xapi, host } = gateway;
    const to = refIn(xapi.getObjectByRef(vdi), 'SR') === other ? localSr() : other;
    vdi = String(await xapi.callAsync('VDI.pool_migrate', vdi, to, {}));
    await told(xapi, 'VDI', { $ref: vdi, SR: to });
    expect(await readInGuest(host, uuidOf(vm), '/mnt/mark')).toBe('before the move');
    await writeInGuest(host, uuidOf(vm), '/mnt/mark', 'after the move');
    before = await leftovers(gateway);
  });

  it('has a snapshot when a schedule says so', async () => {
    const { xapi } = gateway;
    const schedule = String(
      await xapi.call('VMSS.create', {
        name_label: 'each day',
        name_description: '',
        enabled: true,
        type: 'snapshot',
        retained_snapshots: 1,
        frequency: 'daily',
        schedule: { hour: '3', min: '0' },
      }),
    );
    await xapi.call('VM.set_snapshot_schedule', vm, schedule);
    await xapi.call('VMSS.snapshot_now', schedule);
    const [snapshot = ''] = await until('the snapshot', async () => {
      const found = cached(xapi, 'VM', { is_a_snapshot: true, snapshot_of: vm }).map(({ $ref }) => $ref);
      return found.length > 0 ? found : undefined;
    });
    expect(xapi.getObjectByRef(vm).power_state).toBe('Running');
    await xapi.call('VM.set_snapshot_schedule', vm, 'OpaqueRef:NULL');
    await xapi.call('VMSS.destroy', schedule);
    await until('the snapshot to be whole', async () =>
      Object.keys(xapi.getObjectByRef(snapshot).current_operations as object).length === 0 ? true : undefined,
    );
    await xapi.callAsync('VM.destroy', snapshot);
    for (const { $ref } of cached(xapi, 'VDI', { is_a_snapshot: true })) await xapi.callAsync('VDI.destroy', $ref);
  });

  it('runs on while the database of its pool is restored', { timeout: BOOTS }, async () => {
    const { daemon, host } = gateway;
    const credentials = { authorization: `Basic ${Buffer.from('root:a password of tests').toString('base64')}` };
    const url = `${daemon.http}/pool/xmldbdump`;
    const dump = await (await fetch(url, { headers: credentials })).arrayBuffer();
    const pid = await host.qemuPids();
    await gateway.xapi.call('VM.set_name_description', vm, 'after the backup');
    await fetch(url, { method: 'PUT', body: dump, headers: credentials });
    const name = async () => (await Rpc.login(daemon)).call('VM.get_name_description', vm).catch(() => 'after the backup');
    await until(
      'the database as it was',
      () =>
        name().then(
          (text) => (text === 'after the backup' ? undefined : true),
          () => undefined,
        ),
      60_000,
    );
    await gateway.logInAgain();
    expect(await host.qemuPids()).toEqual(pid);
    await told(gateway.xapi, 'VM', { $ref: vm, power_state: 'Running', name_description: '' }, 20_000);
    expect(await readInGuest(host, uuidOf(vm), '/mnt/mark')).toBe('after the move');
  });

  it('forgets what it wrote at each start and reboot when its disk is one that is reset', { timeout: BOOTS }, async () => {
    const { xapi, host } = gateway;
    await writeInGuest(host, uuidOf(vm), '/mnt/mark', 'to be kept');
    await xapi.callAsync('VM.hard_shutdown', vm);
    await xapi.callAsync('VDI.set_on_boot', vdi, 'reset');
    await xapi.callAsync('VM.start', vm, false, false);
    await guestUp(xapi, vm);
    expect(await readInGuest(host, uuidOf(vm), '/mnt/mark')).toBe('to be kept');
    await writeInGuest(host, uuidOf(vm), '/mnt/mark', 'to be forgotten');
    await expect(xapi.callAsync('VM.snapshot', vm, 'not of such a disk')).rejects.toMatchObject({
      code: 'VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION',
    });
    await xapi.callAsync('VM.hard_reboot', vm);
    await guestUp(xapi, vm);
    expect(await readInGuest(host, uuidOf(vm), '/mnt/mark')).toBe('to be kept');
    await xapi.callAsync('VM.hard_shutdown', vm);
    await xapi.callAsync('VDI.set_on_boot', vdi, 'persist');
  });

  it('goes, and leaves nothing', async () => {
    const { xapi, host } = gateway;
    await destroy({ vm, vdi });
    const [pbd = ''] = refsIn(xapi.getObjectByRef(other), 'PBDs');
    await xapi.callAsync('PBD.unplug', pbd);
    await xapi.callAsync('SR.destroy', other);
    expect(await images(imageDirectory(host))).toEqual([]);
    expect((await leftovers(gateway)).helpers).toEqual(before.helpers);
  });
});

describe('a copy of a disk', () => {
  it('that is broken off by a kill of the gateway is gone', { timeout: BOOTS }, async () => {
    const { host } = gateway;
    const from = await addVolume(gateway.xapi, localSr(), 'copied', 128 * MiB);
    await gateway.xapi.putResource(randomBytes(96 * MiB), '/import_raw_vdi', { query: { vdi: from, format: 'raw' } });
    const list = async () =>
      (await readdir(imageDirectory(host), { recursive: true })).filter((name) => name.endsWith('.qcow2')).sort();
    const count = (await list()).length;
    gateway.xapi.callAsync('VDI.copy', from, localSr()).catch(() => undefined);
    await until('the copy', async () => ((await list()).length > count ? true : undefined));
    await gateway.crashAndStart();
    const { xapi } = gateway;
    await xapi.callAsync('SR.scan', localSr());
    const there = cached(xapi, 'VDI', { name_label: 'copied' });
    expect(await list()).toHaveLength(there.length);
    expect(there.length).toBe(1);
    await xapi.callAsync('VDI.destroy', from);
  });
});

describe('a directory that two hosts share', () => {
  let second: LabHost;
  beforeAll(async () => {
    second = await startHost();
  });
  afterAll(() => second.close());

  it('has no disk that both write to', { timeout: BOOTS }, async () => {
    const { xapi, host } = gateway;
    const location = join(host.shared, 'sr');
    await mkdir(location);
    const master = refIn(xapi.pool, 'master');
    const sr = String(await xapi.callAsync('SR.create', master, { location }, 0, 'shared', '', 'file', 'user', true, {}));
    const vdi = await addVolume(xapi, sr, 'shared');
    const small = await smallVm('here', vdi);
    const path = await imageOf(uuidOf(small.vm));
    const foreign = randomUUID();
    await second.create(
      `<domain type='qemu'><name>there</name><uuid>${foreign}</uuid><memory>65536</memory><os><type machine='q35'>hvm</type></os>
       <devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda' bus='virtio'/></disk></devices></domain>`,
    );
    await expect(xapi.callAsync('VM.start', small.vm, false, false)).rejects.toMatchObject({
      code: 'VDI_IN_USE',
      params: [vdi, 'attach'],
    });
    await second.virsh('destroy', foreign);
    await xapi.callAsync('VM.start', small.vm, false, false);
    await destroy(small);
    const [pbd = ''] = refsIn(xapi.getObjectByRef(sr), 'PBDs');
    await xapi.callAsync('PBD.unplug', pbd);
    await xapi.callAsync('SR.destroy', sr);
  });
});
