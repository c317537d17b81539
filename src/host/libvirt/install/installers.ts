import type { DiskSpec, DomainSpec } from '../../compute.js';
import { cancellation, type Watch } from '../../progress.js';
import type { Storage } from '../../storage.js';
import type { DirectBoot } from '../domain-xml/surroundings.js';
import type { Commands } from '../network/commands.js';
import { cdRepository } from './cd-repository.js';
import { httpRepository } from './http-repository.js';
import { installerArguments, kernelArguments } from './kernel-arguments.js';
import type { KernelStore } from './kernel-store.js';
import { type Layout, layoutsFor } from './layouts.js';
import { KERNEL_DONE, KERNEL_LIMIT, needKernel, RAMDISK_DONE, RAMDISK_LIMIT } from './linux-kernel.js';
import { nfsRepository, unmountLeft } from './nfs-repository.js';
import { type Repository, RepositoryError, type RepositoryFile } from './repository.js';
import { type RepositoryAddress, readAddress } from './repository-address.js';

/** Milliseconds for all of it: a ramdisk over a slow line. */
const PATIENCE = 30 * 60_000;

/** What installers are fetched with. */
export interface InstallersOptions {
  readonly storage: Pick<Storage, 'read'>;
  /** Where directories of NFS servers are mounted. */
  readonly directory: string;
  readonly commands: Commands;
  readonly store: KernelStore;
}

type PvBoot = Extract<DomainSpec['boot'], { kind: 'pv' }>;

/** Fetches kernels and ramdisks of installers. */
export class Installers {
  private readonly options: InstallersOptions;
  private tidied: Promise<void> | undefined;

  constructor(options: InstallersOptions) {
    this.options = options;
  }

  /** Rejects with RepositoryError, as storage does, or with the reason of a cancel. */
  async fetch(boot: PvBoot, disks: readonly DiskSpec[], watch: Watch): Promise<DirectBoot> {
    const address = readAddress(boot.installRepository);
    const layouts = layoutsFor(boot.installation, address.kind === 'cdrom' ? 'cdrom' : 'network');
    const patience = AbortSignal.timeout(PATIENCE);
    await this.options.store.prepare();
    const repository = await this.open(address, disks);
    try {
      const signal = AbortSignal.any([watch.signal, patience]);
      return await this.take(repository, layouts, boot, address, { signal, progress: (share) => watch.progress(share) });
    } catch (thrown) {
      if (watch.signal.aborted) throw cancellation(watch.signal);
      if (patience.aborted) throw new RepositoryError(`fetching took longer than ${PATIENCE / 60_000} minutes`);
      throw thrown;
    } finally {
      await repository.close();
    }
  }

  private async open(address: RepositoryAddress, disks: readonly DiskSpec[]): Promise<Repository> {
    const { storage, directory, commands } = this.options;
    switch (address.kind) {
      case 'http':
        return httpRepository(address.url);
      case 'nfs':
        this.tidied ??= unmountLeft(directory, commands);
        await this.tidied;
        return nfsRepository(address, directory, commands);
      case 'cdrom':
        return cdRepository(storage, loadedCd(disks));
    }
  }

  private async take(
    repository: Repository,
    layouts: readonly Layout[],
    boot: PvBoot,
    address: RepositoryAddress,
    { signal, progress }: Watch,
  ): Promise<DirectBoot> {
    const { store } = this.options;
    for (const { family, kernel, ramdisk } of layouts) {
      const file = await repository.open(kernel, signal);
      if (file === undefined) continue;
      const args = kernelArguments(boot.args, installerArguments(boot.args, family, address, boot.installation));
      const kernelPath = await store.take(file, {
        limit: KERNEL_LIMIT,
        signal,
        progress: (share) => progress(share * KERNEL_DONE),
        // Servers that answer everything with a page of theirs shall not have that booted.
        check: (head) => needKernel(head, `${kernel} of the repository`),
      });
      if (ramdisk === undefined) return { kernel: kernelPath, ramdisk: undefined, args };
      const ramdiskPath = await store.take(await needFile(repository, ramdisk, signal), {
        limit: RAMDISK_LIMIT,
        signal,
        progress: (share) => progress(KERNEL_DONE + share * (RAMDISK_DONE - KERNEL_DONE)),
      });
      return { kernel: kernelPath, ramdisk: ramdiskPath, args };
    }
    const places = layouts.map(({ kernel }) => kernel).join(', ');
    throw new RepositoryError(`the repository has none of the kernels that are looked for: ${places}`);
  }
}

async function needFile(repository: Repository, path: string, signal: AbortSignal): Promise<RepositoryFile> {
  const file = await repository.open(path, signal);
  if (file === undefined) throw new RepositoryError(`the repository has no ${path}`);
  return file;
}

/** What is in the VM's first drive that has something in it; one that is marked to boot from goes before others. */
function loadedCd(disks: readonly DiskSpec[]): NonNullable<DiskSpec['volume']> {
  const drives = disks.filter(({ kind, volume }) => kind === 'CD' && volume !== undefined);
  drives.sort((a, b) => Number(b.bootable) - Number(a.bootable) || a.position - b.position);
  const volume = drives[0]?.volume;
  if (volume === undefined) throw new RepositoryError('there is nothing in the CD drive of the VM to install from');
  return volume;
}
