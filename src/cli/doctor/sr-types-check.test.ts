import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSrTypes } from './sr-types-check.js';

let directory: string;
const at = (name: string): string => join(directory, name);
const places = () => ({ path: at('bin'), modules: at('modules'), sys: at('sys'), proc: at('proc') });
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doctor-'));
  await mkdir(at('bin'));
  await mkdir(at('modules'));
  await mkdir(at('sys/module/dm_multipath'), { recursive: true });
  await mkdir(at('proc'));
  await writeFile(at('modules/modules.dep'), 'kernel/fs/nfs/nfs.ko.xz: kernel/fs/lockd/lockd.ko.xz\nkernel/iscsi_tcp.ko:\n');
  await writeFile(at('modules/modules.builtin'), 'kernel/drivers/md/dm-mod.ko\n');
  await writeFile(at('proc/filesystems'), 'nodev\tsysfs\n\text4\n');
});
afterAll(() => rm(directory, { recursive: true }));

it('says which kinds of SR lack what', async () => {
  const before = await checkSrTypes(places());
  expect(before).toMatchObject({ grade: 'warn', subject: 'SR types' });
  expect(before.found).toMatch(/xfs \([^)]*kernel: xfs\)/);
  expect(before.found).toMatch(/smb \([^)]*kernel: cifs\)/);
  // What the kernel has, whichever way it has it.
  for (const part of ['dm_mod', 'iscsi_tcp', 'nfs', 'ext4', 'dm_multipath'])
    expect(before.found).not.toContain(`kernel: ${part}`);
  expect(before.advice).toContain('linux-image-amd64');
});

it('names what to install, and is content when all is there', async () => {
  const programs = ['mkfs.ext4', 'mkfs.xfs', 'wipefs', 'lvm', 'mount.nfs', 'mount.cifs', 'iscsiadm', 'multipathd'];
  for (const program of programs) {
    await writeFile(at(`bin/${program}`), '');
    await chmod(at(`bin/${program}`), 0o755);
  }
  await writeFile(at('proc/filesystems'), '\text4\n\txfs\nnodev\tcifs\n');
  expect(await checkSrTypes(places())).toEqual({
    grade: 'ok',
    subject: 'SR types',
    found: 'file, iso, udev, hba, ext, xfs, lvm, nfs, smb, iscsi, lvmoiscsi, lvmohba, multipath are possible',
  });
});
