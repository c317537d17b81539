import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import type { Watch } from '../../progress.js';
import { bootsKernelOf, readKernel } from '../domain-xml/direct-boot.js';
import type { DirectBoot } from '../domain-xml/surroundings.js';
import { parseXml } from '../domain-xml/xml.js';
import type { ComputeContext } from './context.js';

/**
 * The kernel that a VM boots directly; undefined for one that boots from its devices or keeps the kernel that its description has.
 * Rejects with BOOTLOADER_FAILED, UNKNOWN_BOOTLOADER, or as storage does; without a start that it is for, nothing is fetched or refused.
 */
export async function bootKernel(
  { bootFiles }: Pick<ComputeContext, 'bootFiles'>,
  spec: DomainSpec,
  existing: string | undefined,
  starting: Watch | undefined,
): Promise<DirectBoot | undefined> {
  if (spec.boot.kind === 'hvm') return undefined;
  try {
    return await bootFiles?.(spec, starting);
  } catch (thrown) {
    // What somebody on the host has given the domain to boot is theirs to choose.
    if (thrown instanceof ApiError && existing !== undefined && bootsKernelOf(spec.boot, readKernel(parseXml(existing))))
      return undefined;
    throw thrown;
  }
}
