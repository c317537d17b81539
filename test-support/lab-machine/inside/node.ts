import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFileSystem } from '../image/tree.js';
import type { LabMachine } from '../lab-machine.js';

/** The Node that runs this, as the lab machine has it once it was brought. */
export const NODE = '/opt/node/bin/node';

/** Size of the disk that Node is brought on, in MiB: it takes 100. */
const SIZE = 256;

const brought = new WeakMap<LabMachine, Promise<void>>();

/** Brings Node into a machine: the one that runs this, so that modules in native code fit. It starts in a second there. */
export async function bringNode(machine: LabMachine): Promise<void> {
  const there = brought.get(machine) ?? bringFiles(machine, '/opt/node', SIZE, { 'bin/node': process.execPath });
  brought.set(machine, there);
  await there;
}

/** Brings files and directories into a machine, on a disk that is mounted at `place`; by their paths there. `size` is in MiB. */
export async function bringFiles(
  machine: LabMachine,
  place: string,
  size: number,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const disk = await machine.addContent(async (file) => {
    const tree = `${file}.d`;
    for (const [name, from] of Object.entries(files)) {
      await mkdir(dirname(join(tree, name)), { recursive: true });
      await cp(from, join(tree, name), { recursive: true, dereference: true });
    }
    await makeFileSystem(tree, file, size, '-O', '^has_journal');
  });
  await machine.run('mkdir', ['-p', place]);
  await machine.run('mount', ['-o', 'ro', disk.device, place]);
}
