import { join } from 'node:path';
import { execute } from '../libvirt/execute.js';
import type { LabImage } from './image/image.js';
import { continueLabMachine, type LabMachine, makeOverlay } from './lab-machine.js';

/** The image in a directory that `makeFurtherImage` has made from another image. */
export function furtherImageIn(directory: string, from: LabImage): LabImage {
  const file = (name: string) => join(directory, name);
  return { ...from, disk: { file: file('disk.qcow2'), format: 'qcow2' }, memory: file('memory'), state: file('state') };
}

/**
 * Has a machine go on from an image until `prepare` has done something in it, and keeps what it is then in a directory, as another image.
 * It needs the first one as long as it is used.
 */
export async function makeFurtherImage(
  directory: string,
  from: LabImage,
  prepare: (machine: LabMachine) => Promise<void>,
): Promise<void> {
  const image = furtherImageIn(directory, from);
  await makeOverlay(from.disk, image.disk.file);
  await execute('cp', ['--sparse=always', '--reflink=auto', from.memory, image.memory]);
  const machine = await continueLabMachine({ ...image, state: from.state });
  try {
    await prepare(machine);
    await machine.keep(image.state);
  } catch (thrown) {
    await machine.close();
    throw thrown;
  }
}
