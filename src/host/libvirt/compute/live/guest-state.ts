import type { GuestState } from '../../../compute.js';
import type { GuestAddress, GuestReport } from './guest-report.js';

/** What a guest can do when it is asked to. */
const FEATURES: readonly (readonly [string, string])[] = [
  'feature-suspend',
  'feature-poweroff',
  'feature-reboot',
  'feature-shutdown',
  'feature-vcpu-hotplug',
  'feature-balloon',
].map((feature) => [feature, '1']);

/**
 * What can be done with a guest whose agent is silent, or that has none: QEMU presses its power button, saves its memory and
 * plugs devices without being helped.
 */
export function silentGuest(uuid: string): GuestState {
  return {
    uuid,
    osVersion: new Map(),
    driversVersion: new Map(),
    networks: new Map(),
    other: new Map(FEATURES),
    canHotplugDisks: true,
    canHotplugNics: true,
  };
}

/** What an agent tells, in the words of the model. Positions: the place of each card by its MAC in lower case. */
export function guestState(uuid: string, report: GuestReport, positions: ReadonlyMap<string, number>): GuestState {
  return {
    uuid,
    osVersion: osVersion(report.os),
    driversVersion: driversVersion(report.os),
    networks: networks(report, positions),
    other: new Map([
      ...FEATURES,
      ['platform-feature-multiprocessor-suspend', '1'],
      ['has-vendor-device', '0'],
      ['feature-quiesce', '1'],
      ...told(report),
    ]),
    canHotplugDisks: true,
    canHotplugNics: true,
  };
}

/** Whether two states say the same, so that nobody needs to hear the second. */
export function sameGuest(one: GuestState, other: GuestState): boolean {
  return (
    sameMap(one.networks, other.networks) &&
    sameMap(one.osVersion, other.osVersion) &&
    sameMap(one.driversVersion, other.driversVersion) &&
    sameMap(one.other, other.other)
  );
}

function sameMap(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

function isWindows(os: ReadonlyMap<string, string>): boolean {
  return os.get('id') === 'mswindows';
}

function osVersion(os: ReadonlyMap<string, string>): Map<string, string> {
  // Windows calls itself by a year; its version is that of the kernel.
  const version = (isWindows(os) ? os.get('kernel-version') : os.get('version-id')) ?? '';
  const [major = '', minor = ''] = version.split('.');
  const fields = {
    name: os.get('pretty-name') || os.get('name') || os.get('id') || 'unknown',
    distro: isWindows(os) ? 'windows' : (os.get('id') ?? ''),
    major,
    minor,
    uname: isWindows(os) ? '' : (os.get('kernel-release') ?? ''),
  };
  return new Map(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** Drivers for virtio are part of the kernel, so its version is theirs. */
function driversVersion(os: ReadonlyMap<string, string>): Map<string, string> {
  const release = (isWindows(os) ? os.get('kernel-version') : os.get('kernel-release')) ?? '';
  const [major = '0', minor = '0', micro = '0'] = /^\d+(?:\.\d+)*/.exec(release)?.[0].split('.') ?? [];
  return new Map(Object.entries({ major, minor, micro, build: '0' }));
}

/** `N/ip`, `N/ipv4/M`, `N/ipv6/M`. A bridge or VLAN in the guest has its card's MAC: its addresses count as the card's. */
function networks({ interfaces = [] }: GuestReport, positions: ReadonlyMap<string, number>): Map<string, string> {
  const found = new Map<number, GuestAddress[]>();
  for (const { mac, addresses } of interfaces) {
    const position = positions.get(mac);
    if (position !== undefined) found.set(position, [...(found.get(position) ?? []), ...addresses]);
  }
  const map = new Map<string, string>();
  for (const [position, addresses] of found) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const ofFamily = addresses.filter((address) => address.family === family).sort((a, b) => rank(a) - rank(b));
      for (const [i, { address }] of ofFamily.entries()) map.set(`${position}/${family}/${i}`, address);
      const [first] = ofFamily;
      if (family === 'ipv4' && first) map.set(`${position}/ip`, first.address);
    }
  }
  return map;
}

/** Addresses that others can reach come first. */
function rank({ address }: GuestAddress): number {
  return address.startsWith('169.254.') || address.startsWith('fe80:') ? 1 : 0;
}

/** Used space in whole percent: what changes with every write is no news. */
function told({ hostname, users, fileSystems }: GuestReport): [string, string][] {
  const names = [...new Set(users)].sort().join(' ');
  return [
    ...(hostname === '' ? [] : [['data-host_name', hostname] satisfies [string, string]]),
    ...(names === '' ? [] : [['data-users', names] satisfies [string, string]]),
    ...fileSystems.flatMap(({ mountpoint, type, total, used }): [string, string][] =>
      total > 0 ? [[`data-fs-${mountpoint}`, `${type} ${total} ${Math.round((used / total) * 100)}%`]] : [],
    ),
  ];
}
