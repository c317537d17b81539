import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseUri } from './uri.js';

describe('a URI', () => {
  it('of this machine leads to the sockets of libvirt', () => {
    expect(parseUri('qemu:///system', false)).toEqual({
      transport: 'unix',
      name: 'qemu:///system',
      paths: ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock', '/var/run/libvirt/libvirt-sock'],
    });
    expect(parseUri('qemu:///system', true)).toMatchObject({
      paths: ['/run/libvirt/virtqemud-sock-ro', '/run/libvirt/libvirt-sock-ro', '/var/run/libvirt/libvirt-sock-ro'],
    });
  });

  it('may name the socket', () => {
    const unix = { transport: 'unix', name: 'qemu:///system', paths: ['/srv/l v/sock'] };
    expect(parseUri('qemu:///system?socket=/srv/l%20v/sock', false)).toEqual(unix);
    expect(parseUri('qemu+unix:///system?socket=/srv/l%20v/sock', true)).toEqual(unix);
  });

  it('names the driver for the daemon without the way there', () => {
    expect(parseUri('test:///default', false).name).toBe('test:///default');
    expect(parseUri('qemu+tcp://host/system', false).name).toBe('qemu:///system');
    expect(parseUri('qemu+tcp://host/system?name=test:///default', false).name).toBe('test:///default');
  });

  it('of another machine leads to it', () => {
    expect(parseUri('qemu+tcp://10.0.0.1/system', false)).toMatchObject({ transport: 'tcp', host: '10.0.0.1', port: 16509 });
    expect(parseUri('qemu+tcp://[fe80::1]:99/system', false)).toMatchObject({ host: 'fe80::1', port: 99 });
    expect(parseUri('qemu://host/system', false)).toMatchObject({ transport: 'tls', host: 'host', port: 16514, verify: true });
    expect(parseUri('qemu+tls://host:1/system?pkipath=/etc/p&no_verify=1', false)).toMatchObject({
      port: 1,
      pkipath: '/etc/p',
      verify: false,
    });
  });

  it('may go through ssh', () => {
    expect(parseUri('qemu+ssh://root@host:2222/system?socket=/run/s&keyfile=/k&known_hosts=/h', false)).toEqual({
      transport: 'ssh',
      name: 'qemu:///system',
      host: 'host',
      port: 2222,
      user: 'root',
      path: '/run/s',
      keyfile: '/k',
      knownHosts: '/h',
      verify: true,
    });
    expect(parseUri('qemu+ssh://host/system', true)).toMatchObject({
      port: 22,
      user: userInfo().username,
      path: '/var/run/libvirt/libvirt-sock-ro',
    });
  });

  it.each(['', 'system', 'qemu+pigeon://host/system', 'qemu+ssh:///system', 'qemu+tcp:///system', 'qemu+unix://host/system'])(
    'that leads nowhere is refused: %s',
    (uri) => {
      expect(() => parseUri(uri, false)).toThrow(TypeError);
    },
  );
});
