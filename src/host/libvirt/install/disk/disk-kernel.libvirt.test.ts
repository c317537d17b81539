import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../../../../test-support/libvirt/execute.js';
import { ApiError } from '../../../../model/error.js';
import type { VolumeAddress } from '../../../storage.js';
import { bareDisk } from '../../compute/testing/bare-domain.js';
import type { DirectBoot } from '../../domain-xml/surroundings.js';
import { KernelStore } from '../kernel-store.js';
import { RepositoryError } from '../repository.js';
import { bufferContent, loaderDisk } from '../testing/buffer-content.js';
import { pvDomain, sampleKernel, unwatched } from '../testing/pv-domain.js';
import { diskKernel } from './disk-kernel.js';

const MIB = 2 ** 20;
const VOLUME: VolumeAddress = { sr: 'sr', location: 'disk' };
const kernel = sampleKernel(700_001);
const ramdisk = randomBytes(3 * MIB + 17);
const MENU = "menuentry 'x' {\n linux /boot/vmlinuz root=/dev/xvda1 ro console=hvc0\n initrd /boot/initrd.img\n}\n";

let directory: string;
let tree: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-kernel-'));
  tree = join(directory, 'tree');
  await mkdir(join(tree, 'boot/grub'), { recursive: true });
  await mkdir(join(tree, 'usr/lib'), { recursive: true });
  await writeFile(join(tree, 'usr/lib/vmlinuz-6.1'), kernel);
  // As Debian and others have them: links, relative and not.
  await symlink('../usr/lib/vmlinuz-6.1', join(tree, 'boot/vmlinuz'));
  await symlink('/boot/initrd.img-6.1', join(tree, 'boot/initrd.img'));
  await writeFile(join(tree, 'boot/initrd.img-6.1'), ramdisk);
  await writeFile(join(tree, 'boot/grub/grub.cfg'), MENU);
  for (let number = 0; number < 300; number++) await writeFile(join(tree, `boot/file-${number}`), '');
});
afterAll(() => rm(directory, { recursive: true }));

/** A file system with the tree, at an offset of a disk. */
async function fileSystem(options: readonly string[], offset = 0, content = tree): Promise<Buffer> {
  const disk = join(directory, 'disk');
  await writeFile(disk, '');
  await truncate(disk, 24 * MIB);
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  await execute('mke2fs', ['-q', '-F', ...options, '-d', content, '-E', `offset=${offset}`, disk, '20M'], { env });
  return readFile(disk);
}

function find(disk: Buffer, args = ''): Promise<DirectBoot | undefined> {
  const storage = { open: async () => bufferContent(disk) };
  const domain = pvDomain({ bootloader: 'pygrub', args });
  if (domain.boot.kind !== 'pv') throw new Error('not paravirtual');
  const spec = { ...domain, boot: domain.boot, disks: [bareDisk(VOLUME)] };
  return diskKernel({ storage, store: new KernelStore(join(directory, 'kernels')) }, spec, unwatched);
}

async function expectKernel(found: DirectBoot | undefined): Promise<void> {
  expect((await readFile(found?.kernel ?? '')).equals(kernel)).toBe(true);
  expect((await readFile(found?.ramdisk ?? '')).equals(ramdisk)).toBe(true);
}

/** A table with one partition. */
function partitioned(disk: Buffer, at: number): Buffer {
  disk.writeUInt8(0x83, 450);
  disk.writeUInt32LE(at / 512, 454);
  disk.writeUInt32LE(20 * 2048, 458);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

describe('a kernel in a disk of Xen', () => {
  it.each([
    ['ext2', ['-t', 'ext2', '-b', '1024']],
    ['ext2 of the first revision', ['-t', 'ext2', '-r', '0']],
    ['ext3', ['-t', 'ext3', '-b', '4096']],
    ['ext4', ['-t', 'ext4']],
    ['ext4 with small inodes and blocks', ['-t', 'ext4', '-b', '1024', '-I', '128', '-O', '^64bit']],
  ])('is found in %s', async (_what, options) => {
    const found = await find(await fileSystem(options), 'quiet');
    await expectKernel(found);
    expect(found?.args).toBe('root=/dev/vda1 ro console=ttyS0 console=tty0 quiet');
  });

  it('is found by entry files, each of which is a kernel', async () => {
    const other = join(directory, 'entries');
    await mkdir(join(other, 'loader/entries'), { recursive: true });
    await mkdir(join(other, 'grub2'));
    await writeFile(join(other, 'vmlinuz-9'), kernel);
    await writeFile(join(other, 'ramdisk-9'), ramdisk);
    await writeFile(join(other, 'grub2/grub.cfg'), 'insmod blscfg\nblscfg\n');
    await writeFile(join(other, 'grub2/grubenv'), 'kernelopts=root=/dev/xvda2 ro\n');
    for (let number = 0; number <= 9; number++) {
      const text = `linux /vmlinuz-${number}\ninitrd /ramdisk-${number}\noptions $kernelopts\n`;
      await writeFile(join(other, `loader/entries/x-${number}.conf`), text);
    }
    const found = await find(await fileSystem(['-t', 'ext4'], 0, other));
    await expectKernel(found);
    expect(found?.args).toBe('root=/dev/vda2 ro');
  });

  it('is found in a partition', async () => {
    await expectKernel(await find(partitioned(await fileSystem(['-t', 'ext4'], MIB), MIB)));
  });

  it('is not looked for where there is a boot loader, or nothing', async () => {
    const disk = await fileSystem(['-t', 'ext4'], MIB);
    loaderDisk().copy(disk);
    expect(await find(partitioned(disk, MIB))).toBeUndefined();
    expect(await find(Buffer.alloc(MIB))).toBeUndefined();
    expect(await find(Buffer.alloc(0))).toBeUndefined();
  });

  it('must be a kernel, and have its ramdisk', async () => {
    const other = join(directory, 'other');
    await mkdir(join(other, 'boot/grub'), { recursive: true });
    await writeFile(join(other, 'boot/grub/menu.lst'), 'title x\nkernel /boot/k\n');
    await writeFile(join(other, 'boot/k'), 'text');
    await expect(find(await fileSystem(['-t', 'ext3'], 0, other))).rejects.toThrow(/no Linux kernel/);
    await writeFile(join(other, 'boot/k'), kernel);
    await writeFile(join(other, 'boot/grub/menu.lst'), 'title x\nkernel /boot/k\ninitrd /boot/none\n');
    await expect(find(await fileSystem(['-t', 'ext3'], 0, other))).rejects.toThrow('the disk has no /boot/none');
    await rm(join(other, 'boot/k'));
    await symlink('k', join(other, 'boot/k'));
    await expect(find(await fileSystem(['-t', 'ext3'], 0, other))).rejects.toThrow(/from one link to the next/);
  });

  it('is found or refused, whatever of the disk is changed', async () => {
    const disk = await fileSystem(['-t', 'ext4', '-b', '1024']);
    const used = 4 * MIB;
    const place = fc.oneof(fc.integer({ min: 1024, max: 2048 }), fc.nat(64 * 1024), fc.nat(used));
    const change = fc.tuple(place, fc.oneof(fc.constantFrom(0, 1, 0x80, 0xff), fc.nat(255)));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 50 }), async (changes) => {
        const old = changes.map(([at]) => disk[at] ?? 0);
        for (const [at, value] of changes) disk[at] = value;
        try {
          await find(disk);
        } catch (thrown) {
          if (!(thrown instanceof RepositoryError || thrown instanceof ApiError)) throw thrown;
        } finally {
          for (const [index, [at]] of [...changes.entries()].reverse()) disk[at] = old[index] ?? 0;
        }
      }),
      { numRuns: 40 },
    );
  });
});
