import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../libvirt/execute.js';

/** What the machine consists of, besides what every Debian has. Packages that these need come along. */
const PACKAGES = [
  'linux-image-amd64',
  'busybox-static',
  'kmod',
  'udev',
  'mount',
  'procps',
  'iproute2',
  'openssh-server',
  'openssh-sftp-server',
  // Storage.
  'lvm2',
  'thin-provisioning-tools',
  'dmsetup',
  'open-iscsi',
  'multipath-tools',
  'nfs-kernel-server',
  'nfs-common',
  'cifs-utils',
  'samba',
  'e2fsprogs',
  'xfsprogs',
  'sg3-utils',
  'lsscsi',
  // Virtual machines on that storage.
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients',
  'qemu-system-x86',
  'qemu-utils',
];

/**
 * Downloads the machine's packages with all that they need, whatever is installed on this one, into a directory. Resolves to the
 * paths of the files, the kernel first. Rejects when a package cannot be had.
 */
export async function download(directory: string): Promise<readonly string[]> {
  await mkdir(join(directory, 'partial'), { recursive: true });
  const nothing = join(directory, 'installed');
  await writeFile(nothing, '');
  const settings = [
    `Dir::State::status=${nothing}`,
    `Dir::Cache::archives=${directory}`,
    'APT::Install-Recommends=false',
    // As root all the way: apt's own user may not write here, which it would mention each time.
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
  const args = ['install', '-y', '-qq', '--download-only', ...settings, '?essential', ...PACKAGES];
  const fetch = () => execute('apt-get', args, { timeout: PATIENCE });
  await fetch().catch(async () => {
    // The lists are missing or name versions that are gone.
    await execute('apt-get', ['update', '-qq', '-o', 'DPkg::Lock::Timeout=300'], { timeout: PATIENCE });
    await fetch();
  });
  const files = (await readdir(directory)).filter((name) => name.endsWith('.deb'));
  // The kernel takes longest to unpack by far, so it is begun first.
  return files
    .sort((a, b) => Number(b.startsWith('linux-image')) - Number(a.startsWith('linux-image')))
    .map((name) => join(directory, name));
}

/** Milliseconds until a download of 185 MB counts as hung. */
const PATIENCE = 600_000;
