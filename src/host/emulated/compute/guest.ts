import type { DomainSpec, GuestState, NicSpec } from '../../compute.js';
import { guestAddress, macAddress6 } from '../network/address-plan.js';
import { hash32 } from '../random.js';

interface System {
  readonly name: string;
  readonly distro: string;
  readonly major: string;
  readonly minor: string;
  readonly uname: string;
}

const LINUXES: readonly System[] = [
  { name: 'Debian GNU/Linux 12 (bookworm)', distro: 'debian', major: '12', minor: '8', uname: '6.1.0-28-amd64' },
  { name: 'Ubuntu 24.04.1 LTS', distro: 'ubuntu', major: '24', minor: '04', uname: '6.8.0-51-generic' },
  { name: 'Rocky Linux 9.5 (Blue Onyx)', distro: 'rocky', major: '9', minor: '5', uname: '5.14.0-503.15.1.el9_5.x86_64' },
  { name: 'AlmaLinux 9.5 (Teal Serval)', distro: 'almalinux', major: '9', minor: '5', uname: '5.14.0-503.14.1.el9_5.x86_64' },
];

const WINDOWS: System = {
  name: 'Microsoft Windows Server 2022 Standard|C:\\Windows|\\Device\\Harddisk0\\Partition2',
  distro: 'windows',
  major: '10',
  minor: '0',
  uname: '',
};

const FEATURES = [
  'feature-suspend',
  'feature-poweroff',
  'feature-reboot',
  'feature-shutdown',
  'feature-vcpu-hotplug',
  'feature-balloon',
  'feature-static-ip-setting',
  'has-vendor-device',
];

function isWindows({ platform }: DomainSpec): boolean {
  return platform.get('viridian') === 'true';
}

/** Which system an emulated guest runs: the same one every time. */
function systemOf(spec: DomainSpec): System {
  if (isWindows(spec)) return WINDOWS;
  return LINUXES[hash32(spec.uuid) % LINUXES.length] ?? WINDOWS;
}

/** What the tools of an emulated guest tell while it runs with these cards. */
export function guestState(spec: DomainSpec, nics: Iterable<NicSpec>): GuestState {
  const system = systemOf(spec);
  const { name, distro, major, minor, uname } = system;
  const networks = new Map<string, string>();
  for (const { position, bridge, mac } of nics) {
    const address = guestAddress(bridge, mac);
    networks.set(`${position}/ip`, address);
    networks.set(`${position}/ipv4/0`, address);
    networks.set(`${position}/ipv6/0`, macAddress6(mac));
  }
  const other = new Map(FEATURES.map((feature) => [feature, feature === 'has-vendor-device' ? '0' : '1']));
  other.set('platform-feature-multiprocessor-suspend', '1');
  if (system === WINDOWS) other.set('data-ts', '0').set('feature-ts2', '1');
  return {
    uuid: spec.uuid,
    osVersion: new Map(Object.entries({ name, distro, major, minor, uname }).filter(([, value]) => value !== '')),
    driversVersion: new Map(Object.entries({ major: '8', minor: '4', micro: '0', build: '8' })),
    networks,
    other,
    canHotplugDisks: true,
    canHotplugNics: true,
  };
}

/** Whether a guest hears the power button: what a clean shutdown of a guest without tools needs. */
export function hearsPowerButton({ boot, platform }: DomainSpec): boolean {
  const acpi = platform.get('acpi') ?? '1';
  return boot.kind === 'hvm' && (acpi === '1' || acpi === 'true');
}
