import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../model/error.js';
import { applyDomain } from '../domain-xml/apply-domain.js';
import { sampleSurroundings } from '../domain-xml/testing/samples.js';
import { pvDomain, unwatched } from '../install/testing/pv-domain.js';
import { bootKernel } from './boot-kernel.js';
import { bareDomain } from './testing/bare-domain.js';

const kernel = { kernel: '/run/k', ramdisk: '/run/r', args: 'quiet' };

const refusing = {
  bootFiles: async () => {
    throw new ApiError('BOOTLOADER_FAILED', 'vm', 'no kernel for guests');
  },
};

/** A domain that somebody has made with virsh. */
function foreign(uuid: string): string {
  return `<domain type='qemu'><name>x</name><uuid>${uuid}</uuid><memory>32768</memory><os><type>hvm</type><kernel>/srv/k</kernel>
    <initrd>/srv/r</initrd><cmdline>ro</cmdline></os></domain>`;
}

describe('the kernel of a VM', () => {
  it('is what is found for it, and nothing is looked for where the firmware finds it', async () => {
    expect(await bootKernel({ bootFiles: async () => kernel }, pvDomain({}), undefined, unwatched)).toEqual(kernel);
    expect(await bootKernel({ bootFiles: undefined }, pvDomain({}), undefined, unwatched)).toBeUndefined();
    expect(await bootKernel(refusing, bareDomain(), undefined, unwatched)).toBeUndefined();
  });

  it('may be anywhere when its domain was made with it', async () => {
    const spec = pvDomain({ bootloader: '', kernel: '/srv/k', ramdisk: '/srv/r', args: 'ro single' });
    const existing = foreign(spec.uuid);
    expect(await bootKernel(refusing, spec, existing, unwatched)).toBeUndefined();
    const { kernel: _kernel, ...surroundings } = sampleSurroundings(spec);
    expect(applyDomain(existing, spec, surroundings)).toContain('<cmdline>ro single</cmdline>');
  });

  it('is refused when its domain was made with another one, or another ramdisk', async () => {
    for (const changes of [{ kernel: '/etc/shadow' }, { ramdisk: '/etc/shadow' }, { ramdisk: '' }]) {
      const spec = pvDomain({ bootloader: '', kernel: '/srv/k', ramdisk: '/srv/r', ...changes });
      const existing = foreign(spec.uuid);
      await expect(bootKernel(refusing, spec, existing, unwatched)).rejects.toThrow('BOOTLOADER_FAILED');
      await expect(bootKernel(refusing, spec, undefined, unwatched)).rejects.toThrow('BOOTLOADER_FAILED');
      const { kernel: _kernel, ...surroundings } = sampleSurroundings(spec);
      expect(applyDomain(existing, spec, surroundings)).not.toMatch(/<(?:kernel|initrd)>/);
    }
  });
});
