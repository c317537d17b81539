import { RepositoryError } from './repository.js';

/** Where a repository has the kernel and ramdisk of its installer, as paths from its root. */
export interface Layout {
  readonly family: Family;
  readonly kernel: string;
  readonly ramdisk: string | undefined;
}

/** Values of `install-distro`. The last one stands for repositories of which the VM names the files itself. */
const FAMILIES = ['rhlike', 'debianlike', 'sleslike', 'pygrub'] as const;

/** Distributions whose repositories look alike. */
export type Family = (typeof FAMILIES)[number];

/** Longest path that a VM may name. */
const LONGEST_PATH = 255;

/**
 * Where to look, in this order, by the VM's `install-distro`, `install-arch`, `debian-release`, `install-kernel` and
 * `install-ramdisk`. Without a family every known place is tried. Throws RepositoryError for values that lead nowhere.
 */
export function layoutsFor(installation: ReadonlyMap<string, string>, place: 'network' | 'cdrom'): readonly Layout[] {
  const distro = installation.get('install-distro');
  const family = FAMILIES.find((one) => one === distro);
  if (distro !== undefined && family === undefined)
    throw new RepositoryError(`other_config:install-distro must be one of ${FAMILIES.join(', ')}`);
  const [red, debian, suse] = [redHat(), debianLike(installation, place), suseLike(installation)];
  switch (family) {
    case 'rhlike':
      return red;
    case 'sleslike':
      return suse;
    case 'debianlike':
      if (debian.length === 0)
        throw new RepositoryError('other_config:debian-release must name the release, as its directory in dists/ is called');
      return debian;
    case 'pygrub':
      return named(installation);
    case undefined:
      return [...red, ...debian, ...suse];
  }
}

function redHat(): readonly Layout[] {
  return ['images/pxeboot', 'isolinux'].map((directory) => {
    return { family: 'rhlike', kernel: `${directory}/vmlinuz`, ramdisk: `${directory}/initrd.img` };
  });
}

function debianLike(installation: ReadonlyMap<string, string>, place: 'network' | 'cdrom'): readonly Layout[] {
  const family = 'debianlike';
  const architectures = architecturesOf(installation, 'amd64');
  if (place === 'cdrom') {
    const directories = architectures.map((arch) => (arch === 'amd64' ? 'install.amd' : 'install.386'));
    return [
      ...[...directories, 'install'].map((directory) => {
        return { family, kernel: `${directory}/vmlinuz`, ramdisk: `${directory}/initrd.gz` } as const;
      }),
      { family, kernel: 'casper/vmlinuz', ramdisk: 'casper/initrd' },
    ];
  }
  const release = installation.get('debian-release');
  if (release === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(release)) return [];
  return architectures.flatMap((arch) => {
    const images = `dists/${release}/main/installer-${arch}/current`;
    return [
      `${images}/images/netboot/debian-installer/${arch}`,
      `${images}/images/netboot/ubuntu-installer/${arch}`,
      `${images}/legacy-images/netboot/ubuntu-installer/${arch}`,
    ].map((directory) => ({ family, kernel: `${directory}/linux`, ramdisk: `${directory}/initrd.gz` }) as const);
  });
}

function suseLike(installation: ReadonlyMap<string, string>): readonly Layout[] {
  return architecturesOf(installation, 'x86_64').map((arch) => {
    return { family: 'sleslike', kernel: `boot/${arch}/loader/linux`, ramdisk: `boot/${arch}/loader/initrd` };
  });
}

/** The architecture that is said, else those that there are; 64 bits have two names. */
function architecturesOf(installation: ReadonlyMap<string, string>, wide: 'amd64' | 'x86_64'): readonly string[] {
  switch (installation.get('install-arch')) {
    case 'amd64':
    case 'x86_64':
      return [wide];
    case 'i386':
      return ['i386'];
    default:
      return [wide, 'i386'];
  }
}

function named(installation: ReadonlyMap<string, string>): readonly Layout[] {
  const kernel = installation.get('install-kernel');
  if (!kernel) throw new RepositoryError('install-distro pygrub needs other_config:install-kernel, a path in the repository');
  return [{ family: 'pygrub', kernel: inside(kernel), ramdisk: inside(installation.get('install-ramdisk')) }];
}

/** A path that stays in the repository. */
function inside(path: string): string;
function inside(path: string | undefined): string | undefined;
function inside(path: string | undefined): string | undefined {
  if (!path) return undefined;
  const parts = path.split('/').filter((part) => part !== '');
  if (path.length > LONGEST_PATH || !/^[ -~]+$/.test(path) || parts.some((part) => part === '.' || part === '..'))
    throw new RepositoryError('other_config:install-kernel and install-ramdisk are paths in the repository');
  return parts.join('/');
}
