import { chmod, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../libvirt/execute.js';

/** Directories that packages take for granted. */
const DIRECTORIES = [
  'dev',
  'etc',
  'mnt',
  'proc',
  'root',
  'run',
  'sys',
  'tmp',
  'usr/bin',
  'usr/lib',
  'usr/lib64',
  'usr/sbin',
  'var/log',
];

/** Links that a Debian of this release has, by where they lead. */
const LINKS: Readonly<Record<string, string>> = {
  bin: 'usr/bin',
  sbin: 'usr/sbin',
  lib: 'usr/lib',
  lib64: 'usr/lib64',
  'var/run': '/run',
  'var/lock': '/run/lock',
  'usr/bin/awk': 'mawk',
  'usr/sbin/init': '../bin/busybox',
  'usr/sbin/poweroff': '../bin/busybox',
};

/** What is never looked at in the machine: half of the files, and two thirds of the kernel's drivers. */
const LEFT_OUT = [
  './usr/share/doc/*',
  './usr/share/man/*',
  './usr/share/locale/*',
  // libvirt would ask it what it can do, at length.
  './usr/bin/qemu-system-i386',
  './usr/share/iso-codes/*',
  // No program in Python is run.
  './usr/lib/python3*',
  './lib/modules/*/kernel/sound',
  ...[
    'gpu',
    'media',
    'net/wireless',
    'net/ethernet',
    'infiniband',
    'iio',
    'staging',
    'hwmon',
    'comedi',
    'video',
    'mtd',
    'isdn',
    'bluetooth',
    'atm',
    'mmc',
    'hid',
    'platform',
    'usb',
  ].map((kind) => `./lib/modules/*/kernel/drivers/${kind}`),
];

/**
 * Unpacks packages into a new root file system and puts the files of `own` over it. Nothing is installed: what the packages would
 * do then is done here as far as it matters. Resolves to the kernel's version.
 */
export async function makeTree(tree: string, packages: readonly string[], own: string): Promise<string> {
  for (const directory of DIRECTORIES) await mkdir(join(tree, directory), { recursive: true });
  for (const [name, target] of Object.entries(LINKS)) await symlink(target, join(tree, name));
  const left = [...packages];
  await Promise.all(Array.from({ length: availableParallelism() }, () => unpackAll(left, tree)));
  await copyOwn(own, tree);
  const [version, ...more] = await readdir(join(tree, 'lib/modules'));
  if (version === undefined || more.length > 0) throw new Error('there is not one kernel');
  await inside(tree, 'depmod', version);
  await inside(tree, 'ldconfig');
  return version;
}

/** Runs a program of the tree, as far as that works without its kernel. */
export async function inside(tree: string, program: string, ...args: readonly string[]): Promise<string> {
  return execute('chroot', [tree, `/usr/sbin/${program}`, ...args]);
}

async function unpackAll(left: string[], tree: string): Promise<void> {
  for (let file = left.shift(); file !== undefined; file = left.shift()) {
    const exclude = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
    // dpkg unpacks everything only; tar by itself knows how to leave things out, and not how to open a package.
    await execute('sh', [
      '-c',
      'set -e; file=$1; shift; dpkg-deb --fsys-tarfile "$file" | tar -x "$@"',
      '-',
      file,
      '-C',
      tree,
      '--keep-directory-symlink',
      ...exclude,
    ]);
  }
}

/** The machine's own files replace what is there. Whether they may be executed does not depend on how the repository was checked out. */
async function copyOwn(own: string, tree: string): Promise<void> {
  await cp(own, tree, { recursive: true });
  await chmod(join(tree, 'usr/sbin/at-storage'), 0o755);
  await chmod(join(tree, 'etc/shadow'), 0o600);
}

/** Makes keys with which tests come in, and by which the machine is known to be the one: only these two know each other. */
export async function makeKeys(tree: string, key: string): Promise<void> {
  const ssh = join(tree, 'etc/ssh');
  for (const path of [key, join(ssh, 'host_key')]) {
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', path]);
  }
  await cp(`${key}.pub`, join(ssh, 'authorized_keys'));
  await rm(`${key}.pub`);
}

/** Makes a file with an ext4 file system that holds a tree. `size` is in MiB; only what is in use takes space. */
export async function makeFileSystem(tree: string, file: string, size: number, ...options: readonly string[]): Promise<void> {
  await writeFile(file, '');
  await execute('mke2fs', ['-q', '-F', '-t', 'ext4', ...options, '-d', tree, file, `${size}M`], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
}
