import { join } from 'node:path';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import { pvBootWay } from '../../installer.js';
import type { Watch } from '../../progress.js';
import type { Storage } from '../../storage.js';
import type { DirectBoot } from '../domain-xml/surroundings.js';
import { type Commands, HostCommands } from '../network/commands.js';
import { diskKernel } from './disk/disk-kernel.js';
import { guestKernel } from './guest-kernels.js';
import { Installers } from './installers.js';
import { kernelArguments } from './kernel-arguments.js';
import { KernelStore } from './kernel-store.js';
import { RepositoryError } from './repository.js';

/** What kernels are found with. */
export interface BootFilesOptions {
  readonly storage: Pick<Storage, 'read' | 'open'>;
  /** Directory of fetched kernels; QEMU's user must get to it. */
  readonly directory: string;
  /** Programs of this host, for mounting; others in tests. */
  readonly commands?: Commands;
  /** Directories of kernels that VMs may name; GUEST_KERNELS unless given. */
  readonly guestKernels?: readonly string[];
}

/**
 * Finds kernel and ramdisk of a VM; undefined for one that boots from its devices. `watch`: of the start that it is for. Without it
 * nothing is fetched and nothing refused: what is not at hand is left out.
 */
export type BootFiles = (spec: DomainSpec, watch?: Watch) => Promise<DirectBoot | undefined>;

/** Longest text in an error. */
const LONGEST_TEXT = 1000;

/** Makes what finds kernels. It rejects with BOOTLOADER_FAILED [vm, text], UNKNOWN_BOOTLOADER [vm, name], or as storage does. */
export function bootFiles({ storage, directory, commands = new HostCommands(), guestKernels }: BootFilesOptions): BootFiles {
  const store = new KernelStore(join(directory, 'files'));
  const installers = new Installers({ storage, directory, commands, store });
  return async (spec, watch) => {
    const { boot, uuid } = spec;
    if (boot.kind === 'hvm') return undefined;
    const way = pvBootWay(boot);
    if (way === undefined && watch) throw new ApiError('UNKNOWN_BOOTLOADER', uuid, boot.bootloader);
    try {
      if (way === 'kernel') return await namedKernel(boot, guestKernels);
      if (way === 'installer' && watch) return await installers.fetch(boot, spec.disks, watch);
      if (way === 'disk' && watch) return await diskKernel({ storage, store }, { ...spec, boot }, watch);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof RepositoryError)) throw thrown;
      if (!watch) return undefined;
      throw new ApiError('BOOTLOADER_FAILED', uuid, thrown.message.slice(0, LONGEST_TEXT));
    }
  };
}

async function namedKernel(
  { kernel, ramdisk, args }: { readonly kernel: string; readonly ramdisk: string; readonly args: string },
  directories: readonly string[] | undefined,
): Promise<DirectBoot> {
  return {
    kernel: await guestKernel(kernel, directories),
    ramdisk: ramdisk === '' ? undefined : await guestKernel(ramdisk, directories),
    args: kernelArguments(args),
  };
}
