import type { TypedParameter } from 'node-libvirt';
import { describe, expect, it } from 'vitest';
import { readReport } from './guest-report.js';
import { guestState, sameGuest } from './guest-state.js';

function params(fields: Readonly<Record<string, string | number>>): TypedParameter[] {
  return Object.entries(fields).map(([field, value]) =>
    typeof value === 'number' ? { field, type: 'ullong', value } : { field, type: 'string', value },
  );
}

const UUID = 'a5a5a5a5-0000-4000-8000-000000000001';
const LINUX = {
  'os.id': 'debian',
  'os.pretty-name': 'Debian GNU/Linux 12 (bookworm)',
  'os.version-id': '12',
  'os.kernel-release': '6.1.0-28-amd64',
  hostname: 'web',
};
const CARD = {
  'if.count': 3,
  'if.0.name': 'lo',
  'if.0.hwaddr': '00:00:00:00:00:00',
  'if.0.addr.count': 1,
  'if.0.addr.0.type': 'ipv4',
  'if.0.addr.0.addr': '127.0.0.1',
  'if.1.name': 'eth0',
  'if.1.hwaddr': '02:00:00:00:00:0A',
  'if.1.addr.count': 3,
  'if.1.addr.0.type': 'ipv6',
  'if.1.addr.0.addr': 'fe80::1%eth0',
  'if.1.addr.1.type': 'ipv4',
  'if.1.addr.1.addr': '10.0.0.7',
  'if.1.addr.2.type': 'ipv6',
  'if.1.addr.2.addr': '2001:db8::7',
  'if.2.name': 'eth0.5',
  'if.2.hwaddr': '02:00:00:00:00:0a',
  'if.2.addr.count': 1,
  'if.2.addr.0.type': 'ipv4',
  'if.2.addr.0.addr': '10.0.5.7',
};
const positions = new Map([['02:00:00:00:00:0a', 2]]);

describe('what a guest tells', () => {
  it('is where it can be reached, by the places of its cards, addresses for others first', () => {
    const { networks } = guestState(UUID, readReport(params({ ...LINUX, ...CARD })), positions);
    expect([...networks].sort()).toEqual([
      ['2/ip', '10.0.0.7'],
      ['2/ipv4/0', '10.0.0.7'],
      ['2/ipv4/1', '10.0.5.7'],
      ['2/ipv6/0', '2001:db8::7'],
      ['2/ipv6/1', 'fe80::1'],
    ]);
  });

  it('is its system', () => {
    const { osVersion, driversVersion, other } = guestState(UUID, readReport(params(LINUX)), positions);
    expect(Object.fromEntries(osVersion)).toEqual({
      name: 'Debian GNU/Linux 12 (bookworm)',
      distro: 'debian',
      major: '12',
      uname: '6.1.0-28-amd64',
    });
    expect(Object.fromEntries(driversVersion)).toEqual({ major: '6', minor: '1', micro: '0', build: '0' });
    expect(other.get('data-host_name')).toBe('web');
  });

  it('is its system, also of one that counts its versions otherwise', () => {
    const windows = {
      'os.id': 'mswindows',
      'os.pretty-name': 'Windows Server 2022 Standard',
      'os.version-id': '2022',
      'os.kernel-version': '10.0',
      'os.kernel-release': '20348',
    };
    const { osVersion } = guestState(UUID, readReport(params(windows)), positions);
    expect(Object.fromEntries(osVersion)).toEqual({
      name: 'Windows Server 2022 Standard',
      distro: 'windows',
      major: '10',
      minor: '0',
    });
  });

  it('is taken with care: counts, addresses and text may be anything', () => {
    const report = readReport(
      params({
        ...LINUX,
        hostname: `a\u0000b\u001b[2J${'x'.repeat(10_000)}`,
        'if.count': 1_000_000,
        'if.0.hwaddr': '02:00:00:00:00:0a',
        'if.0.addr.count': 3,
        'if.0.addr.0.type': 'ipv4',
        'if.0.addr.0.addr': '<script>',
        'if.0.addr.1.type': 'odd',
        'if.0.addr.1.addr': '1.2.3.4',
        'if.0.addr.2.type': 'ipv6',
        'if.0.addr.2.addr': 'deadbeef',
      }),
    );
    expect(report.hostname).toMatch(/^ab\[2Jx+$/);
    expect(report.hostname.length).toBeLessThanOrEqual(256);
    expect(report.interfaces?.length).toBeLessThanOrEqual(64);
    expect(guestState(UUID, report, positions).networks.size).toBe(0);
  });

  it('tells no news when only a little space was used', () => {
    const disk = (used: number) => ({
      'fs.count': 1,
      'fs.0.mountpoint': '/',
      'fs.0.fstype': 'ext4',
      'fs.0.total-bytes': 1_000_000_000,
      'fs.0.used-bytes': used,
    });
    const state = (used: number) => guestState(UUID, readReport(params({ ...LINUX, ...disk(used) })), positions);
    expect(state(500_000_000).other.get('data-fs-/')).toBe('ext4 1000000000 50%');
    expect(sameGuest(state(500_000_000), state(500_000_001))).toBe(true);
    expect(sameGuest(state(500_000_000), state(600_000_000))).toBe(false);
  });

  it('has no interfaces when libvirt cannot tell them, which is not the same as none', () => {
    expect(readReport(params(LINUX)).interfaces).toBeUndefined();
    expect(readReport(params({ ...LINUX, 'if.count': 0 })).interfaces).toEqual([]);
  });
});
