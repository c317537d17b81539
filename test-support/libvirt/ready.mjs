import { installLibvirtLab, libvirtLabProblem } from '../../scripts/support/libvirt-lab.mjs';
import { prepareGuest } from './guest/guest.ts';

/**
 * Makes the machine ready for libvirt tests, which fail where that cannot be done. Compiles nothing: `npm test` has done that,
 * and most of these tests run the sources.
 */
export async function setup() {
  const problem = libvirtLabProblem();
  if (problem !== undefined) throw new Error(problem);
  await installLibvirtLab();
  await prepareGuest();
}
