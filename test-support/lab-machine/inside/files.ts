import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFileSystem } from '../image/tree.js';
import type { LabMachine } from '../lab-machine.js';
import type { LabDisk } from '../machine/disk.js';

/** Plugs a disk in with a file system of files and directories, by their paths in it. `size` is in MiB; only what is in use takes space. */
export async function contentDisk(machine: LabMachine, size: number, files: Readonly<Record<string, string>>): Promise<LabDisk> {
  return machine.addContent(async (file) => {
    const tree = `${file}.d`;
    for (const [name, from] of Object.entries(files)) {
      await mkdir(dirname(join(tree, name)), { recursive: true });
      await cp(from, join(tree, name), { recursive: true, dereference: true });
    }
    await makeFileSystem(tree, file, size, '-O', '^has_journal');
  });
}

/**
 * Copies files and directories into a machine's own file system, by their absolute paths there: they stay when the machine is kept.
 * `size` is what all need at most, in MiB.
 */
export async function copyFiles(machine: LabMachine, size: number, files: Readonly<Record<string, string>>): Promise<void> {
  const disk = await contentDisk(machine, size, files);
  const tops = new Set(Object.keys(files).map((path) => join('/mnt', path.split('/')[1] ?? '')));
  await machine.run('mount', ['-o', 'ro', disk.device, '/mnt']);
  await machine.run('cp', ['--recursive', ...tops, '/']);
  await machine.run('umount', ['/mnt']);
  await disk.pull(0);
  await machine.until('test', ['!', '-e', disk.device]);
}
