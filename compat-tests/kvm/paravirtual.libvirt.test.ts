import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { exported, imported, removeWithDisks } from '../sr-life/calls.js';
import { onlyCached, told } from './support/client-cache.js';
import { kvmGateway } from './support/gateway.js';
import { readInGuest } from './support/guest-files.js';
import { addCard, addDrive, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// A guest that Xen's pygrub has booted: a file system on the whole disk, without a boot loader in its first sector.
const gateway = kvmGateway();
const MIB = 2 ** 20;

/** A disk with the kernel of the test guest, as a paravirtual guest has its own. */
async function paravirtualDisk(): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'paravirtual-'));
  const [tree, disk] = [join(directory, 'tree'), join(directory, 'disk')];
  await mkdir(join(tree, 'boot/grub'), { recursive: true });
  await cp(gateway.guest.kernel, join(tree, 'boot/vmlinuz'));
  await cp(gateway.guest.initrd, join(tree, 'boot/initrd.gz'));
  const menu =
    'default 0\ntitle Linux\n root (hd0)\n kernel /boot/vmlinuz root=/dev/xvda console=hvc0 quiet\n initrd /boot/initrd.gz\n';
  await writeFile(join(tree, 'boot/grub/menu.lst'), menu);
  await writeFile(disk, '');
  await truncate(disk, 48 * MIB);
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  await promisify(execFile)('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, disk], { env });
  const bytes = await readFile(disk);
  await rm(directory, { recursive: true });
  return bytes;
}

it('boots the kernel that its own disk has, after an export and an import, too', async () => {
  const { xapi, host } = gateway;
  const sr = onlyCached(xapi, 'SR', { name_label: 'Local storage' });
  const task = String(await xapi.call('task.create', 'import', ''));
  await xapi.putResource(await paravirtualDisk(), '/import_raw_vdi', { query: { sr_id: sr.$ref }, task });
  await told(xapi, 'task', { $ref: task, status: 'success' });
  const vdi = await told(xapi, 'VDI', { SR: sr.$ref, name_label: 'Imported disk' });
  const vm = await vmFromTemplate(xapi, 'paravirtual');
  await xapi.call('VM.set_HVM_boot_policy', vm, '');
  await xapi.call('VM.set_domain_type', vm, 'pv');
  await xapi.call('VM.set_PV_bootloader', vm, 'pygrub');
  await xapi.call('VM.set_PV_args', vm, 'given=1');
  await addDrive(xapi, vm, vdi.$ref, '0');
  await addCard(xapi, vm, '0');
  const file = await exported(gateway, vm);
  await removeWithDisks(gateway, vm);

  const copy = await imported(gateway, file);
  await xapi.callAsync('VM.start', copy, false, false);
  await guestUp(xapi, copy);
  const line = await readInGuest(host, String(xapi.getObjectByRef(copy).uuid), '/proc/cmdline');
  expect(line.trim()).toBe('root=/dev/vda console=ttyS0 console=tty0 quiet given=1');
  await xapi.callAsync('VM.hard_shutdown', copy);
  await told(xapi, 'VM', { $ref: copy, power_state: 'Halted' });
  await removeWithDisks(gateway, copy);
});
