import type { DomainSpec } from '../../compute.js';
import type { DirectBoot } from './surroundings.js';
import { append, child, type Element, ensure, remove, tag, textOf } from './xml.js';

type Boot = DomainSpec['boot'];

/** The kernel that a description boots. */
export function readKernel(domain: Element): DirectBoot | undefined {
  const os = child(domain, 'os');
  const kernel = textOf(os, 'kernel');
  return kernel ? { kernel, ramdisk: textOf(os, 'initrd') || undefined, args: textOf(os, 'cmdline') ?? '' } : undefined;
}

/** Makes a description boot a kernel, or none. */
export function writeKernel(domain: Element, wanted: DirectBoot | undefined): void {
  const os = ensure(domain, 'os');
  remove(os, 'kernel', 'initrd', 'cmdline');
  if (!wanted) return;
  append(os, tag('kernel', {}, wanted.kernel));
  if (wanted.ramdisk !== undefined) append(os, tag('initrd', {}, wanted.ramdisk));
  if (wanted.args !== '') append(os, tag('cmdline', {}, wanted.args));
}

/** Whether two of them boot the same. */
export function sameKernel(one: DirectBoot | undefined, other: DirectBoot | undefined): boolean {
  return one?.kernel === other?.kernel && one?.ramdisk === other?.ramdisk && one?.args === other?.args;
}

/** A guest that boots a kernel of the host's is paravirtual to the model. */
export function bootOf({ kernel, ramdisk, args }: DirectBoot): Boot {
  return {
    kind: 'pv',
    bootloader: '',
    bootloaderArgs: '',
    kernel,
    ramdisk: ramdisk ?? '',
    args,
    installRepository: '',
    installation: new Map(),
  };
}

/**
 * Whether a VM boots the very kernel and ramdisk that a description has: then somebody on the host has put them there, wherever they
 * are. Arguments may differ.
 */
export function bootsKernelOf(boot: Boot, found: DirectBoot | undefined): boolean {
  return boot.kind === 'pv' && found !== undefined && found.kernel === boot.kernel && (found.ramdisk ?? '') === boot.ramdisk;
}

/**
 * Whether a kernel was fetched for one start, from where an installer is or out of the VM's disk: the next start may have another one, after a
 * reboot, too.
 */
export function isFetched(boot: Boot, kernel: DirectBoot | undefined): boolean {
  return kernel !== undefined && boot.kind === 'pv' && boot.kernel === '';
}
