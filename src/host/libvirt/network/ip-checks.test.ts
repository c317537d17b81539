import { describe, expect, it } from 'vitest';
import { checkIp, checkIpv6, netmaskOf, prefixOf, serversOf } from './ip-checks.js';

describe('netmasks', () => {
  it.each([
    [0, '0.0.0.0'],
    [1, '128.0.0.0'],
    [20, '255.255.240.0'],
    [24, '255.255.255.0'],
    [32, '255.255.255.255'],
  ])('of %i bits are %s', (prefix, netmask) => {
    expect(netmaskOf(prefix)).toBe(netmask);
    expect(prefixOf(netmask)).toBe(prefix);
  });

  it.each(['255.0.255.0', '0.0.0.1', '255.255.255', '24', ''])('are not %j', (text) => {
    expect(prefixOf(text)).toBeUndefined();
  });
});

describe('address settings', () => {
  const ip = { mode: 'Static', ip: '192.0.2.1', netmask: '255.255.255.0', gateway: '', dns: '' } as const;
  const ipv6 = { mode: 'Static', addresses: ['2001:db8::1/64'], gateway: '', dns: '' } as const;

  it('are refused by the name of what is wrong', () => {
    const wrong = (setting: string) => expect.objectContaining({ code: 'INVALID_IP_ADDRESS_SPECIFIED', params: [setting] });
    checkIp(ip);
    checkIp({ ...ip, mode: 'None', ip: 'whatever' });
    checkIpv6(ipv6);
    expect(() => checkIp({ ...ip, ip: '192.0.2.1/24' })).toThrow(wrong('ip'));
    expect(() => checkIp({ ...ip, netmask: '255.0.255.0' })).toThrow(wrong('netmask'));
    expect(() => checkIp({ ...ip, gateway: '2001:db8::1' })).toThrow(wrong('gateway'));
    expect(() => checkIp({ ...ip, dns: '192.0.2.1,\noptions' })).toThrow(wrong('DNS'));
    expect(() => checkIpv6({ ...ipv6, addresses: ['2001:db8::1'] })).toThrow(wrong('IPv6'));
    expect(() => checkIpv6({ ...ipv6, addresses: ['fe80::1%eth0/64'] })).toThrow(wrong('IPv6'));
    expect(() => checkIpv6({ ...ipv6, gateway: '192.0.2.1' })).toThrow(wrong('gateway'));
  });

  it('may name several servers', () => {
    expect(serversOf('192.0.2.1, 2001:db8::1,')).toEqual(['192.0.2.1', '2001:db8::1']);
  });
});
