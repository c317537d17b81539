import { chmod, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execute } from '../../libvirt/execute.js';
import { inside } from './tree.js';

/** What the kernel needs to reach its disk. */
const DRIVERS = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4'];

/** Writes an archive that takes the kernel of a tree to the disk with that tree. `init` is its first process. */
export async function writeInitramfs(tree: string, version: string, init: string, file: string): Promise<void> {
  const directory = `${file}.d`;
  for (const name of ['bin', 'dev', 'root']) await mkdir(join(directory, name), { recursive: true });
  await cp(join(tree, 'usr/bin/busybox'), join(directory, 'bin/busybox'));
  await cp(init, join(directory, 'init'));
  await chmod(join(directory, 'init'), 0o755);
  const drivers = new Set<string>();
  for (const name of DRIVERS) {
    const lines = await inside(tree, 'modprobe', '--set-version', version, '--show-depends', name);
    for (const [, path] of lines.matchAll(/^insmod (\S+)/gm)) if (path !== undefined) drivers.add(path);
  }
  for (const path of drivers) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await cp(join(tree, path), join(directory, path));
  }
  await writeFile(join(directory, 'drivers'), `${[...drivers].join('\n')}\n`);
  const names = (await readdir(directory, { recursive: true })).sort();
  const busybox = join(directory, 'bin/busybox');
  await execute(busybox, ['cpio', '-o', '-H', 'newc', '-F', file], { cwd: directory, input: `${names.join('\n')}\n` });
}
