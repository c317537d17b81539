/** What decides how a paravirtual VM boots. */
export interface PvBoot {
  readonly kernel: string;
  readonly bootloader: string;
}

/** Boot loaders by their names and by the paths that old clients give. */
const INSTALLERS: ReadonlySet<string> = new Set(['eliloader', '/usr/bin/eliloader']);
const DISK_LOADERS: ReadonlySet<string> = new Set(['', 'pygrub', '/usr/bin/pygrub']);

/** How a paravirtual VM boots; undefined for a boot loader that nobody knows. A kernel that the VM names goes before any boot loader. */
export function pvBootWay({ kernel, bootloader }: PvBoot): 'kernel' | 'installer' | 'disk' | undefined {
  if (kernel !== '') return 'kernel';
  if (INSTALLERS.has(bootloader)) return 'installer';
  return DISK_LOADERS.has(bootloader) ? 'disk' : undefined;
}
