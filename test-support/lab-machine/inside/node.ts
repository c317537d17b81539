import type { LabMachine } from '../lab-machine.js';
import { contentDisk } from './files.js';

/** The Node that runs this, as the lab machine has it once it was brought. */
export const NODE = '/opt/node/bin/node';

/** Size of the disk that Node is brought on, in MiB: it takes 100. */
const SIZE = 256;

const brought = new WeakMap<LabMachine, Promise<void>>();

/** Brings Node into a machine: the one that runs this, so that modules in native code fit. It starts in a second there. */
export async function bringNode(machine: LabMachine): Promise<void> {
  const there = brought.get(machine) ?? mountNode(machine);
  brought.set(machine, there);
  await there;
}

async function mountNode(machine: LabMachine): Promise<void> {
  const place = '/opt/node';
  const { device } = await contentDisk(machine, SIZE, { 'bin/node': process.execPath });
  await machine.run('mkdir', ['-p', place]);
  await machine.run('mount', ['-o', 'ro', device, place]);
}
