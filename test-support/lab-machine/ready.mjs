import { prepareGatewayImage } from '../../compat-tests/lab/support/gateway-image.ts';
import { installLibvirtLab, libvirtLabProblem } from '../../scripts/support/libvirt-lab.mjs';

/**
 * Makes the machine ready for tests that run in another one, which fail where that cannot be done. Compiles nothing: what was compiled last
 * is in it.
 */
export async function setup() {
  const problem = libvirtLabProblem();
  if (problem !== undefined) throw new Error(problem);
  await installLibvirtLab();
  // Here, as two processes that want it at once would each make it.
  await prepareGatewayImage();
}
