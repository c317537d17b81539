import { randomBytes } from 'node:crypto';
import type { DomainSpec } from '../../../compute.js';
import type { Watch } from '../../../progress.js';
import { bareDomain } from '../../compute/testing/bare-domain.js';

type PvBoot = Extract<DomainSpec['boot'], { kind: 'pv' }>;

/** A paravirtual VM; without changes one that fetches an installer from nowhere. */
export function pvDomain(boot: Partial<Omit<PvBoot, 'installation'>>, installation: Record<string, string> = {}): DomainSpec {
  const usual = { bootloader: 'eliloader', bootloaderArgs: '', kernel: '', ramdisk: '', args: '', installRepository: '' };
  return bareDomain({ boot: { kind: 'pv', ...usual, ...boot, installation: new Map(Object.entries(installation)) } });
}

/** Something that says that it is a Linux kernel for x86. */
export function sampleKernel(size = 4096): Buffer {
  const kernel = randomBytes(size);
  kernel.write('HdrS', 0x202, 'latin1');
  return kernel;
}

/** A start that nobody cancels. */
export const unwatched: Watch = { progress: () => undefined, signal: new AbortController().signal };
