import { describe, expect, it } from 'vitest';
import type { NicSpec } from '../../compute.js';
import { addressRanges, addressText, joinRanges, linkLocalAddress } from './address-ranges.js';
import { addTap, rateOf, tapOfChain } from './tap-ruleset.js';

function nic(locking: Partial<NicSpec['locking']>, kbps?: string): NicSpec {
  return {
    vif: '00000000-0000-4000-8000-000000000001',
    position: 0,
    mac: '02:11:22:33:44:55',
    mtu: 1500,
    bridge: 'br0',
    locking: { mode: 'unlocked', ipv4: [], ipv6: [], ...locking },
    qos: new Map(kbps === undefined ? [] : [['kbps', kbps]]),
  };
}

describe('address ranges', () => {
  it.each([
    [4, ['192.0.2.5'], ['192.0.2.5-192.0.2.5']],
    [4, ['192.0.2.9/24', '192.0.2.7', '192.0.3.0'], ['192.0.2.0-192.0.3.0']],
    [4, ['0.0.0.0/0'], ['0.0.0.0-255.255.255.255']],
    [4, ['192.0.2.9', '192.0.2.7'], ['192.0.2.7-192.0.2.7', '192.0.2.9-192.0.2.9']],
    [6, ['2001:db8::1/127', '2001:DB8:0::'], ['2001:db8:0:0:0:0:0:0-2001:db8:0:0:0:0:0:1']],
    [6, ['::ffff:192.0.2.1'], ['0:0:0:0:0:ffff:c000:201-0:0:0:0:0:ffff:c000:201']],
    [6, ['::/0'], ['0:0:0:0:0:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']],
  ] as const)('of IPv%i %j are %j', (family, texts, ranges) => {
    const joined = joinRanges(addressRanges(family, texts));
    expect(joined.map(({ low, high }) => `${addressText(family, low)}-${addressText(family, high)}`)).toEqual(ranges);
  });

  it.each([
    [4, '2001:db8::1'],
    [4, '192.0.2.1/33'],
    [4, '192.0.2.1/'],
    [4, '192.0.2.1/8/8'],
    [4, '192.0.2.1 }'],
    [6, '192.0.2.1'],
    [6, 'fe80::1%eth0'],
    [6, '2001:db8::1/129'],
    [6, ''],
  ] as const)('of IPv%i are not made of %j', (family, text) => {
    expect(() => addressRanges(family, [text])).toThrow(RangeError);
  });

  it('knows the address that a card gives itself', () => {
    expect(addressText(6, linkLocalAddress('02:11:22:33:44:55'))).toBe('fe80:0:0:0:11:22ff:fe33:4455');
  });
});

describe('rules of a tap', () => {
  it('limit to a number of kilobytes, and to nothing else', () => {
    expect(rateOf(nic({}, '250'))).toBe(250);
    for (const odd of ['', '0', '-1', '1.5', 'fast', '1e3', '99999999999']) expect(rateOf(nic({}, odd))).toBeUndefined();
  });

  it('hold a locked card without addresses to nothing at all', () => {
    expect(addTap('vnet0', nic({ mode: 'locked' })).filter((line) => /accept$|goto/.test(line))).toEqual([]);
  });

  it('let a rate hold for what is allowed only', () => {
    const lines = addTap('vnet0', nic({ mode: 'locked', ipv4: ['192.0.2.1'] }, '100'));
    expect(lines.some((line) => line.endsWith('accept'))).toBe(false);
    expect(lines.filter((line) => line.endsWith('goto rate-vnet0')).length).toBe(3);
  });

  it('are found again by the names of their chains', () => {
    expect(['in-vnet0', 'out-a-b', 'rate-x', 'foreign'].map(tapOfChain)).toEqual(['vnet0', 'a-b', 'x', undefined]);
  });
});
