import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../execute.js';
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

const SOURCES = join(REPOSITORY, 'test-support/libvirt/guest');
const CACHE = join(REPOSITORY, 'node_modules/.cache/xenapi-gateway');

const MAKING = 'making-guest-';

/** Milliseconds after which nobody works on a guest any more. */
const ABANDONED = 3_600_000;

/** How many guests of earlier sources are kept. Each takes about 40 MB, and going back and forth between branches is common. */
const KEPT = 2;

/** Makes the guest unless it was made before from the same sources; takes about ten seconds then, and a few milliseconds otherwise. */
export async function prepareGuest(): Promise<Guest> {
  const directory = join(CACHE, `guest-${await sourcesKey()}`);
  const guest = guestIn(directory);
  if (existsSync(directory)) return guest;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, MAKING));
  try {
    await make(work);
    await removeOthers();
    // Whoever finds the directory finds all of it. Another process may have been faster, with the same.
    await rename(join(work, 'guest'), directory).catch((thrown: unknown) => {
      if (!existsSync(directory)) throw thrown;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return guest;
}

function guestIn(directory: string): Guest {
  return { kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.gz'), disk: join(directory, 'disk.qcow2') };
}

async function make(work: string): Promise<void> {
  const made = join(work, 'guest');
  const unpacked = join(work, 'packages');
  await mkdir(made);
  await unpack([await dependencyOf('linux-image-cloud-amd64', /^linux-image-\d/), ...PACKAGES], unpacked);
  const { kernel, initrd, disk } = guestIn(made);
  const [image, ...more] = (await readdir(join(unpacked, 'boot'))).filter((name) => name.startsWith('vmlinuz-'));
  if (image === undefined || more.length > 0) throw new Error('the kernel package holds not one kernel');
  await cp(join(unpacked, 'boot', image), kernel);
  await writeFile(initrd, await packInitramfs(unpacked, join(SOURCES, 'root'), join(work, 'tree')));
  const raw = await makeBootDisk(unpacked, kernel, initrd, work);
  await execute('qemu-img', ['convert', '-O', 'qcow2', raw, disk]);
}

/** Changes with everything that the guest is made from, except for Debian's point releases. */
async function sourcesKey(): Promise<string> {
  const hash = createHash('sha256').update(await readFile('/etc/os-release'));
  const entries = await readdir(SOURCES, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) hash.update(path.slice(SOURCES.length)).update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}

/** Removes guests of earlier sources but the latest, and what a making that was killed has left. */
async function removeOthers(): Promise<void> {
  const entries = await readdir(CACHE);
  const aged = await Promise.all(entries.map(async (name) => ({ name, time: (await stat(join(CACHE, name))).mtimeMs })));
  const guests = aged.filter(({ name }) => name.startsWith('guest-')).sort((a, b) => b.time - a.time);
  const left = aged.filter(({ name, time }) => name.startsWith(MAKING) && time < Date.now() - ABANDONED);
  for (const { name } of [...guests.slice(KEPT - 1), ...left]) await rm(join(CACHE, name), { recursive: true, force: true });
}
