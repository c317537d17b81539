import { installLibvirtLab, libvirtLabProblem } from '../../scripts/support/libvirt-lab.mjs';
import { prepareLabImage } from './image/image.ts';

/** Makes the machine ready for tests that run in another one, which fail where that cannot be done. Compiles nothing. */
export async function setup() {
  const problem = libvirtLabProblem();
  if (problem !== undefined) throw new Error(problem);
  await installLibvirtLab();
  await prepareLabImage();
}
