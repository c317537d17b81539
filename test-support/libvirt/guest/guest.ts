import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../execute.js';
import { madeOnce } from '../made-once.js';
import { REPOSITORY } from '../repository.js';
import { makeBootDisk } from './boot-disk.js';
import { packInitramfs } from './initramfs.js';
import { dependencyOf, unpack } from './packages.js';

/** A small Linux with a guest agent, made of Debian's packages. All paths are absolute; nobody may write to the files. */
export interface Guest {
  readonly kernel: string;
  readonly initrd: string;
  /** A qcow2 image that boots the same by itself, through BIOS or UEFI. Use it as a backing file, or copy it. */
  readonly disk: string;
}

/** What is unpacked, beside the kernel. */
const PACKAGES = [
  'busybox-static',
  'qemu-guest-agent',
  'grub-common',
  'grub-pc-bin',
  'grub-efi-amd64-signed',
  'shim-signed',
  'mtools',
];

const SOURCES = 'test-support/libvirt/guest';

/** Makes the guest unless it was made before from the same sources; takes about ten seconds then, and a few milliseconds otherwise. */
export async function prepareGuest(): Promise<Guest> {
  // Each takes about 40 MB.
  return guestIn(await madeOnce({ kind: 'guest', sources: [SOURCES], kept: 2, make }));
}

function guestIn(directory: string): Guest {
  return { kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.gz'), disk: join(directory, 'disk.qcow2') };
}

async function make(made: string, work: string): Promise<void> {
  const unpacked = join(work, 'packages');
  await unpack([await dependencyOf('linux-image-cloud-amd64', /^linux-image-\d/), ...PACKAGES], unpacked);
  const { kernel, initrd, disk } = guestIn(made);
  const [image, ...more] = (await readdir(join(unpacked, 'boot'))).filter((name) => name.startsWith('vmlinuz-'));
  if (image === undefined || more.length > 0) throw new Error('the kernel package holds not one kernel');
  await cp(join(unpacked, 'boot', image), kernel);
  await writeFile(initrd, await packInitramfs(unpacked, join(REPOSITORY, SOURCES, 'root'), join(work, 'tree')));
  const raw = await makeBootDisk(unpacked, kernel, initrd, work);
  await execute('qemu-img', ['convert', '-O', 'qcow2', raw, disk]);
}
