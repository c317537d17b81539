import { describe, expect, it } from 'vitest';
import { installerArguments, kernelArguments } from './kernel-arguments.js';
import { readAddress } from './repository-address.js';

const http = readAddress('http://mirror.example/os');
const nothing = new Map<string, string>();

describe('arguments of a kernel', () => {
  it.each([
    ['', ''],
    ['  ro   quiet\n', 'ro quiet'],
    ['graphical utf8', 'graphical utf8'],
    ['console=hvc0 xencons=hvc', 'console=ttyS0 console=tty0'],
    ['console=ttyS0 xencons=ttyS', 'console=ttyS0 console=tty0'],
    ['console=xvc0 text console=hvc0', 'console=ttyS0 console=tty0 text'],
    // The serial port is somebody's wish where Xen has nothing to do with it.
    ['console=ttyS0,115200n8', 'console=ttyS0,115200n8'],
    ['ks=http://x/ks.cfg inst.ks=http://x/ks.cfg', 'ks=http://x/ks.cfg inst.ks=http://x/ks.cfg'],
    ['ks="cdrom:/my ks.cfg" ro', 'ks="cdrom:/my ks.cfg" ro'],
    ['x="never ended', 'x="never ended'],
  ])('%j are %j', (given, expected) => expect(kernelArguments(given)).toBe(expected));

  it('are refused when Linux would cut them off, or when they are no text', () => {
    expect(kernelArguments('x'.repeat(2047))).toHaveLength(2047);
    expect(() => kernelArguments('x'.repeat(2040), ['method=x'])).toThrow(/longer than 2047/);
    expect(() => kernelArguments('a\0b')).toThrow(/control characters/);
  });
});

describe('what an installer is told', () => {
  it.each(['method=http://other/', 'repo=nfs:x:/y', 'inst.repo=cdrom', 'askmethod'])('is left to those who say %s', (given) =>
    expect(installerArguments(`ro ${given}`, 'rhlike', http, nothing)).toEqual([]),
  );

  it('is not mistaken for what only looks alike', () => {
    expect(installerArguments('inst.stage2=http://x repository=y', 'rhlike', http, nothing)).toHaveLength(2);
    expect(installerArguments('install=http://other', 'sleslike', http, nothing)).toEqual([]);
  });

  it('names NFS servers as the installer does', () => {
    const nfs = readAddress('nfs:nas:/suse');
    expect(installerArguments('', 'sleslike', nfs, nothing)).toEqual(['install=nfs://nas/suse']);
    expect(installerArguments('', 'rhlike', readAddress('nfs://nas/rh'), nothing)).toContain('method=nfs:nas:/rh');
  });

  it('is nothing for CDs, and for those who ask for their mirror', () => {
    for (const family of ['rhlike', 'sleslike', 'debianlike'] as const)
      expect(installerArguments('', family, { kind: 'cdrom' }, nothing)).toEqual([]);
    expect(installerArguments('', 'debianlike', http, nothing)).toEqual([]);
  });

  it('is to use VNC where the VM wants that', () => {
    const vnc = new Map([
      ['install-vnc', 'true'],
      ['install-vncpasswd', 'secret one'],
    ]);
    expect(installerArguments('', 'sleslike', { kind: 'cdrom' }, vnc)).toEqual(['vnc', 'vncpassword=secretone']);
    expect(installerArguments('', 'rhlike', { kind: 'cdrom' }, vnc)).toContain('inst.vnc');
  });
});
