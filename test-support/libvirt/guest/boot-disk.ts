import { cp, mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../execute.js';
import { type Partition, writePartitionTable } from './partition-table.js';

/** Size of the disk in MiB, as the guest sees it. */
export const BOOT_DISK_MIB = 64;

const SYSTEM: Partition = { type: 0x83, active: true, start: 1, size: 55 };
const EFI: Partition = { type: 0xef, start: 56, size: 8 };

/** The guest's kernel prints on both, and its start is the same from every kind of firmware. */
const ARGUMENTS = 'console=tty0 console=ttyS0 quiet';

/** Where a boot sector of GRUB says that it may have been loaded from a floppy, which it then probes for; and what says that it was not. */
const DRIVE_CHECK = 0x66;
const NO_DRIVE_CHECK = 0x9090;

/**
 * Makes a disk that starts the guest by itself, through a BIOS or through UEFI with or without secure boot. Its first partition is
 * a journalled file system with room to write. `unpacked` holds Debian's packages of GRUB, shim and mtools; `directory` is one to
 * work in. Resolves to the path of the raw image.
 */
export async function makeBootDisk(unpacked: string, kernel: string, initrd: string, directory: string): Promise<string> {
  const disk = join(directory, 'disk.raw');
  const content = join(directory, 'content');
  await mkdir(join(content, 'boot'), { recursive: true });
  await cp(kernel, join(content, 'boot/vmlinuz'));
  await cp(initrd, join(content, 'boot/initrd.gz'));
  await writeFile(disk, '');
  await truncate(disk, BOOT_DISK_MIB * 1024 * 1024);
  // ext3: later kinds have features that the boot loader cannot read.
  const offset = SYSTEM.start * 1024 * 1024;
  await execute('mke2fs', ['-q', '-F', '-t', 'ext3', '-d', content, '-E', `offset=${offset}`, disk, `${SYSTEM.size}M`], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  await writeAt(disk, 0, await biosLoader(unpacked, directory));
  await writeAt(disk, EFI.start * 1024 * 1024, await readFile(await efiPartition(unpacked, directory)));
  return disk;
}

async function writeAt(path: string, offset: number, data: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(data, 0, data.length, offset);
  } finally {
    await file.close();
  }
}

/** First sector and, in the gap behind it, the rest of GRUB, which does one thing. */
async function biosLoader(unpacked: string, directory: string): Promise<Buffer> {
  const modules = join(unpacked, 'usr/lib/grub/i386-pc');
  const script = join(directory, 'bios.cfg');
  const core = join(directory, 'core.img');
  await writeFile(script, `set root=(hd0,msdos1)\n${menu()}boot\n`);
  const needed = ['biosdisk', 'part_msdos', 'ext2', 'linux'];
  const args = ['-O', 'i386-pc', '-d', modules, '-p', '(hd0,msdos1)/boot', '-c', script, '-o', core, ...needed];
  await execute(join(unpacked, 'usr/bin/grub-mkimage'), args);
  const sector = await readFile(join(modules, 'boot.img'));
  sector.writeUInt16BE(NO_DRIVE_CHECK, DRIVE_CHECK);
  writePartitionTable(sector, [SYSTEM, EFI]);
  return Buffer.concat([sector, await readFile(core)]);
}

/** A FAT file system with the signed loaders where every firmware looks for them. */
async function efiPartition(unpacked: string, directory: string): Promise<string> {
  const image = join(directory, 'efi.img');
  const script = join(directory, 'efi.cfg');
  await writeFile(script, `search --no-floppy --file --set=root /boot/vmlinuz\n${menu()}boot\n`);
  await writeFile(image, '');
  await truncate(image, EFI.size * 1024 * 1024);
  const mtools = (name: string, ...args: string[]) =>
    execute(join(unpacked, 'usr/bin/mtools'), ['-c', name, '-i', image, ...args], { env: { MTOOLS_SKIP_CHECK: '1' } });
  await mtools('mformat', '-v', 'EFI', '::');
  await mtools('mmd', '::/EFI', '::/EFI/BOOT', '::/EFI/debian');
  await mtools('mcopy', join(unpacked, 'usr/lib/shim/shimx64.efi.signed'), '::/EFI/BOOT/BOOTX64.EFI');
  await mtools('mcopy', join(unpacked, 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'), '::/EFI/BOOT/grubx64.efi');
  await mtools('mcopy', script, '::/EFI/debian/grub.cfg');
  return image;
}

function menu(): string {
  return `linux /boot/vmlinuz ${ARGUMENTS}\ninitrd /boot/initrd.gz\n`;
}
