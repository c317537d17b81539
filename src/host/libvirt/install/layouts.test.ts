import { describe, expect, it } from 'vitest';
import { layoutsFor } from './layouts.js';

const kernels = (installation: Record<string, string>, place: 'network' | 'cdrom') =>
  layoutsFor(new Map(Object.entries(installation)), place).map(({ kernel }) => kernel);

describe('where an installer is looked for', () => {
  it('is known of CDs, too', () => {
    expect(kernels({ 'install-distro': 'debianlike', 'install-arch': 'i386' }, 'cdrom')[0]).toBe('install.386/vmlinuz');
    expect(kernels({}, 'cdrom')).toEqual(
      expect.arrayContaining(['isolinux/vmlinuz', 'install.amd/vmlinuz', 'casper/vmlinuz', 'boot/x86_64/loader/linux']),
    );
  });

  it('needs a release for mirrors of Debian, which is one name', () => {
    expect(() => kernels({ 'install-distro': 'debianlike' }, 'network')).toThrow(/debian-release/);
    expect(() => kernels({ 'install-distro': 'debianlike', 'debian-release': '../..' }, 'network')).toThrow(/debian-release/);
    expect(kernels({}, 'network').join()).not.toContain('dists/');
  });

  it('is refused for families that nobody knows', () => {
    expect(() => kernels({ 'install-distro': 'beoslike' }, 'network')).toThrow(/rhlike, debianlike, sleslike, pygrub/);
  });

  it('stays in the repository, whatever the VM names', () => {
    const named = (path: string) => () => kernels({ 'install-distro': 'pygrub', 'install-kernel': path }, 'network');
    expect(named('//a///b')()).toEqual(['a/b']);
    for (const path of ['', '../k', 'a/../../k', 'a/./k', 'a\nb', 'x'.repeat(300)]) expect(named(path)).toThrow(/install-kernel/);
  });
});
