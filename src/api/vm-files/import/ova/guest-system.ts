import type { OvfSystem } from '../../../../wire/ovf/envelope.js';

/** Which shipped template stands for what runs in a VM, by words of VMware, VirtualBox and people. The first that fits counts. */
const TEMPLATES: readonly (readonly [RegExp, string])[] = [
  [/windows2022srvNext|server 2025/i, 'windows-server-2025'],
  [/windows2019srvNext|server ?2022/i, 'windows-server-2022-64bit'],
  [/windows2019srv|server ?2019/i, 'windows-server-2019-64bit'],
  [/windows9Server|server ?2016/i, 'windows-server-2016-64bit'],
  [/windows ?11/i, 'windows-11'],
  [/windows/i, 'windows-10-64bit'],
  [/debian.*11/i, 'debian-11'],
  [/debian/i, 'debian-12'],
  [/ubuntu.*22/i, 'ubuntu-22.04'],
  [/ubuntu/i, 'ubuntu-24.04'],
  [/rocky.*8/i, 'rocky-8'],
  [/rocky/i, 'rocky-9'],
  [/alma.*8/i, 'alma-8'],
  [/alma/i, 'alma-9'],
  [/(?:rhel|red ?hat).*8/i, 'rhel-8'],
  [/(?:rhel|red ?hat).*9/i, 'rhel-9'],
  [/oracle/i, 'oel-8'],
  [/centos/i, 'centos-9'],
  [/sles|suse/i, 'sle-15-64bit'],
];

/** The template for whatever else. */
const OTHER_TEMPLATE = 'other-install-media';

const WINDOWS = /windows|^win/i;
const LINUX = /linux|debian|ubuntu|rhel|red ?hat|centos|fedora|suse|sles|rocky|alma|oracle|photon|asianux|mint|gentoo/i;
/** Systems whose initial RAM disk has drivers for all kinds of disks, not only for the ones that it was made on. */
const ALL_DRIVERS = /debian|ubuntu/i;

/** Disks and cards for which systems have drivers that were never on a KVM host. */
const KNOWN_TO_ALL = { disks: ['disk-bus', 'sata'], cards: ['nic-model', 'e1000e'] } as const;

/** How a VM is made for what runs in it. */
export interface GuestSystem {
  /** Label of the shipped template that stands for it. */
  readonly template: string;
  /** Keys of its platform that go over those of the template. */
  readonly platform: ReadonlyMap<string, string>;
  /** Why it may not start as it is. */
  readonly caution: string | undefined;
}

/**
 * What runs in a VM that comes from elsewhere. Disks and cards are virtio where the system surely has drivers for that; else what each
 * system knows. A system that was on a SCSI controller may know neither, of which people are told.
 */
export function guestSystem({ guest, drives, vcpus, coresPerSocket, secureBoot }: OvfSystem): GuestSystem {
  const onScsi = drives.some(({ kind, bus }) => kind === 'disk' && bus !== 'sata' && bus !== 'ide');
  const isLinux = LINUX.test(guest) && !WINDOWS.test(guest);
  const virtioDisks = isLinux && (ALL_DRIVERS.test(guest) || onScsi);
  const caution = !onScsi || (isLinux && ALL_DRIVERS.test(guest)) ? undefined : isLinux ? LINUX_CAUTION : OTHER_CAUTION;
  return {
    template: TEMPLATES.find(([pattern]) => pattern.test(guest))?.[1] ?? OTHER_TEMPLATE,
    platform: new Map([
      ...(virtioDisks ? [] : [KNOWN_TO_ALL.disks]),
      ...(isLinux ? [] : [KNOWN_TO_ALL.cards]),
      ...(coresPerSocket !== undefined && vcpus % coresPerSocket === 0
        ? [['cores-per-socket', String(coresPerSocket)] as const]
        : []),
      ['secureboot', secureBoot ? 'true' : 'false'],
    ]),
    caution,
  };
}

const LINUX_CAUTION =
  'Its disks are virtio now. Where its initial RAM disk was made for the disks of VMware alone, start the rescue entry of its boot menu, ' +
  'and make it anew with the drivers virtio_pci and virtio_blk.';

const OTHER_CAUTION =
  'Its disks are SATA and its cards e1000e now, because it may know nothing of virtio. Where it does not start from SATA either, boot it ' +
  'into its safe mode once. With drivers for virtio in it, take the keys disk-bus and nic-model out of its platform.';
