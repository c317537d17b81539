import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../libvirt/execute.js';
import { madeOnce } from '../../libvirt/made-once.js';
import { REPOSITORY } from '../../libvirt/repository.js';
import type { RootDisk } from '../machine/qemu.js';
import { startOnce } from './first-start.js';
import { writeInitramfs } from './initramfs.js';
import { download } from './packages.js';
import { makeFileSystem, makeKeys, makeTree } from './tree.js';

/** A Debian that has started all that a storage host runs. All paths are absolute; nobody may write to the files. */
export interface LabImage {
  readonly kernel: string;
  readonly initramfs: string;
  /** The disk of the root file system. Use it as a backing file. */
  readonly disk: RootDisk;
  /** What was in memory. */
  readonly memory: string;
  /** The state of the devices, as QEMU writes it. */
  readonly state: string;
  /** The key that root's door opens with. */
  readonly key: string;
}

const SOURCES = 'test-support/lab-machine';

/** Size of the disk in MiB. What is not in use takes no space. */
const DISK = 4096;

/** Makes the image unless it was made before; takes two minutes then, and a few milliseconds otherwise. */
export async function prepareLabImage(): Promise<LabImage> {
  const directory = await madeOnce({
    kind: 'lab-machine',
    sources: ['image', 'initramfs', 'root', 'machine/qemu.ts'].map((name) => join(SOURCES, name)),
    // What one QEMU has written another one cannot read; and the machine counts time in ticks of this processor.
    circumstances: [await execute('qemu-system-x86_64', ['--version']), await processor()],
    // Each takes about a gigabyte.
    kept: 1,
    make,
  });
  return imageIn(directory);
}

function imageIn(directory: string): LabImage {
  const file = (name: string) => join(directory, name);
  return {
    kernel: file('vmlinuz'),
    initramfs: file('initramfs'),
    disk: { file: file('disk.raw'), format: 'raw' },
    memory: file('memory'),
    state: file('state'),
    key: file('key'),
  };
}

async function make(made: string, work: string): Promise<void> {
  const sources = join(REPOSITORY, SOURCES);
  const image = imageIn(made);
  const tree = join(work, 'tree');
  const version = await makeTree(tree, await download(join(work, 'packages')), join(sources, 'root'));
  await makeKeys(tree, image.key);
  await cp(join(tree, 'boot', `vmlinuz-${version}`), image.kernel);
  await writeInitramfs(tree, version, join(sources, 'initramfs/init'), image.initramfs);
  await makeFileSystem(tree, image.disk.file, DISK);
  await startOnce(image);
}

async function processor(): Promise<string> {
  return /^model name.*/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[0] ?? '';
}
