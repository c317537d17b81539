import { Readable } from 'node:stream';
import type { DiskSpec, DomainSpec } from '../../../compute.js';
import type { Watch } from '../../../progress.js';
import type { Storage } from '../../../storage.js';
import type { VolumeContent } from '../../../volume-content.js';
import { diskPlace } from '../../domain-xml/disk-place.js';
import { hardwareOf } from '../../domain-xml/hardware.js';
import type { DirectBoot } from '../../domain-xml/surroundings.js';
import { kernelArguments } from '../kernel-arguments.js';
import type { KernelStore } from '../kernel-store.js';
import { KERNEL_DONE, KERNEL_LIMIT, needKernel, RAMDISK_DONE, RAMDISK_LIMIT } from '../linux-kernel.js';
import { RepositoryError } from '../repository.js';
import { LONGEST_MENU, MENUS, type MenuEntry } from './boot-menu.js';
import { entryFromFiles } from './entry-files.js';
import { type ExtFile, ExtFileSystem, type ReadBytes } from './ext-file-system.js';
import { diskLayout } from './partitions.js';

type PvDomain = Pick<DomainSpec, 'disks' | 'platform' | 'boot'> & {
  readonly boot: { readonly kind: 'pv'; readonly args: string };
};

/** What kernels are read with. */
export interface DiskKernels {
  readonly storage: Pick<Storage, 'open'>;
  readonly store: KernelStore;
}

/**
 * Kernel and ramdisk out of the disk of a VM that Xen's `pygrub` has booted: from ext2, ext3 or ext4, as the configuration of GRUB or extlinux
 * there says. Undefined for a disk with a boot loader of its own, and one without such a configuration: those boot as they are. Rejects with
 * RepositoryError, or as storage does.
 */
export async function diskKernel({ storage, store }: DiskKernels, spec: PvDomain, watch: Watch): Promise<DirectBoot | undefined> {
  const volume = bootDisk(spec.disks)?.volume;
  if (volume === undefined) return undefined;
  const content = await storage.open(volume, 'read');
  try {
    const found = await findEntry(content);
    if (found === undefined) return undefined;
    await store.prepare();
    const { entry, kernel, ramdisk } = found;
    return {
      kernel: await store.take(streamOf(kernel), {
        limit: KERNEL_LIMIT,
        signal: watch.signal,
        progress: (share) => watch.progress(share * KERNEL_DONE),
        check: (head) => needKernel(head, `${entry.kernel} of the disk`),
      }),
      ramdisk:
        ramdisk &&
        (await store.take(streamOf(ramdisk), {
          limit: RAMDISK_LIMIT,
          signal: watch.signal,
          progress: (share) => watch.progress(KERNEL_DONE + share * (RAMDISK_DONE - KERNEL_DONE)),
        })),
      args: kernelArguments(withRoot(`${entry.args} ${spec.boot.args}`, spec)),
    };
  } finally {
    await content.close();
  }
}

/** The first disk; one that is marked to boot from goes before others. */
function bootDisk(disks: readonly DiskSpec[]): DiskSpec | undefined {
  const there = disks.filter(({ kind, volume }) => kind === 'Disk' && volume !== undefined);
  return there.sort((a, b) => Number(b.bootable) - Number(a.bootable) || a.position - b.position)[0];
}

interface FoundEntry {
  readonly entry: MenuEntry;
  readonly kernel: ExtFile;
  readonly ramdisk: ExtFile | undefined;
}

async function findEntry(content: VolumeContent): Promise<FoundEntry | undefined> {
  const { hasLoader, starts } = await diskLayout(readerAt(content, 0));
  if (hasLoader) return undefined;
  for (const start of starts) {
    const files = await ExtFileSystem.open(readerAt(content, start));
    if (files === undefined) continue;
    for await (const entry of entriesIn(files)) {
      const kernel = await files.open(entry.kernel);
      if (kernel === undefined) continue;
      const ramdisk = entry.ramdisk === undefined ? undefined : await files.open(entry.ramdisk);
      if (entry.ramdisk !== undefined && ramdisk === undefined) throw new RepositoryError(`the disk has no ${entry.ramdisk}`);
      return { entry, kernel, ramdisk };
    }
  }
  return undefined;
}

/** What boot loaders would boot, by the places where they look. */
async function* entriesIn(files: ExtFileSystem): AsyncGenerator<MenuEntry> {
  for (const [path, read] of MENUS) {
    const text = await files.text(path, LONGEST_MENU);
    const entry = text === undefined ? undefined : read(text);
    if (entry !== undefined) yield entry;
  }
  const entry = await entryFromFiles(files);
  if (entry !== undefined) yield entry;
}

/** Bytes from a place of a disk on; none behind its end. */
function readerAt(content: VolumeContent, start: number): ReadBytes {
  return async (offset, length) => {
    const at = start + offset;
    const there = Math.max(0, Math.min(length, content.size - at));
    return there === 0 ? Buffer.alloc(0) : content.read(at, there);
  };
}

/** A disk may change without a sign: what was read is of no use to another start. */
function streamOf({ size, content }: ExtFile) {
  return { tag: undefined, size, content: Readable.from(content) };
}

/** Names of disks under Xen are those of the buses here, by their positions. */
function withRoot(args: string, spec: PvDomain): string {
  const hardware = hardwareOf(spec);
  return args.replace(
    /(^|\s)root=\/dev\/(?:xvd|sd|hd)([a-p])(\d*)(?=\s|$)/g,
    (_, before: string, letter: string, part: string) => {
      const position = letter.charCodeAt(0) - 'a'.charCodeAt(0);
      return `${before}root=/dev/${diskPlace({ kind: 'Disk', position }, hardware, false).target}${part}`;
    },
  );
}
