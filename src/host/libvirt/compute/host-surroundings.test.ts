import { describe, expect, it } from 'vitest';
import { offersKvm } from './domain-type.js';
import { qemuOwner } from './host-surroundings.js';

const capabilities = (host: string, guests: string): string => `<capabilities><host>${host}</host>${guests}</capabilities>`;

describe('capabilities of a host', () => {
  it('tell who QEMU runs as', () => {
    const dac = `<secmodel><model>apparmor</model><doi>0</doi></secmodel>
      <secmodel><model>dac</model><doi>0</doi><baselabel type='kvm'>+64055:+104</baselabel></secmodel>`;
    expect(qemuOwner(capabilities(dac, ''))).toEqual({ user: 64055, group: 104 });
    expect(qemuOwner(capabilities('<secmodel><model>none</model></secmodel>', ''))).toBeUndefined();
    expect(qemuOwner(capabilities('', ''))).toBeUndefined();
  });

  it('tell whether there is KVM for guests of 64 bits', () => {
    const guest = (arch: string, type: string): string =>
      `<guest><os_type>hvm</os_type><arch name='${arch}'><domain type='qemu'/><domain type='${type}'/></arch></guest>`;
    expect(offersKvm(capabilities('', guest('i686', 'kvm') + guest('x86_64', 'qemu')))).toBe(false);
    expect(offersKvm(capabilities('', guest('i686', 'kvm') + guest('x86_64', 'kvm')))).toBe(true);
    expect(offersKvm(capabilities('', ''))).toBe(false);
  });
});
