import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectOptions, connect, ErrorCode, LibvirtClosed } from './index.js';
import { TestLibvirtd } from './testing/libvirtd.js';
import { TestSshd } from './testing/sshd.js';

let libvirtd: TestLibvirtd;
let sshd: TestSshd;

beforeAll(async () => {
  [libvirtd, sshd] = await Promise.all([TestLibvirtd.start(), TestSshd.start()]);
});

afterAll(async () => {
  await sshd.stop();
  await libvirtd.stop();
});

/** Connects, sends something large each way and gives the type of the driver. */
async function typeThrough(uri: string, options?: ConnectOptions): Promise<string> {
  const connection = await connect(uri, options);
  try {
    await connection.call('CONNECT_GET_CAPABILITIES', {});
    const large = `<domain>${'x'.repeat(300_000)}</domain>`;
    await expect(connection.call('DOMAIN_DEFINE_XML', { xml: large })).rejects.toMatchObject({ code: ErrorCode.NO_NAME });
    return (await connection.call('CONNECT_GET_TYPE', {})).type;
  } finally {
    await connection.close();
  }
}

describe('TCP', () => {
  it('leads to the daemon', async () => {
    expect(await typeThrough(`test+tcp://127.0.0.1:${libvirtd.tcpPort}/default`)).toBe('TEST');
  });
});

describe('TLS', () => {
  const uri = (pkipath: string, more = '') => `test+tls://127.0.0.1:${libvirtd.tlsPort}/default?pkipath=${pkipath}${more}`;

  it('leads to a daemon of the same authority', async () => {
    expect(await typeThrough(uri(libvirtd.pki.trusted))).toBe('TEST');
  });

  it('does not trust a daemon of another authority, unless it is told not to look', async () => {
    await expect(connect(uri(libvirtd.pki.stranger))).rejects.toThrow(LibvirtClosed);
    await expect(connect(uri(libvirtd.pki.stranger))).rejects.toThrow(/certificate/);
    await expect(connect(uri(libvirtd.folder))).rejects.toThrow(/no certificate of the daemon's authority/);
    const tls = { ca: await readFile(`${libvirtd.pki.stranger}/cacert.pem`) };
    const { trusted } = libvirtd.pki;
    await expect(connect(uri(trusted), { tls })).rejects.toThrow(/certificate/);
    expect(await typeThrough(uri(trusted, '&no_verify=1'), { tls })).toBe('TEST');
  });

  it('does not trust a certificate for another name', async () => {
    await expect(connect(uri(libvirtd.pki.trusted), { tls: { servername: 'kvm1.example.org' } })).rejects.toThrow(LibvirtClosed);
  });

  it('is refused by the daemon without a certificate, or with one of another authority', async () => {
    await expect(connect(uri(libvirtd.pki.anonymous))).rejects.toThrow(LibvirtClosed);
    await expect(connect(uri(libvirtd.pki.stranger, '&no_verify=1'))).rejects.toThrow(LibvirtClosed);
  });
});

describe('ssh', () => {
  const uri = (options: { readonly [key: string]: string }) => {
    const search = new URLSearchParams({ socket: libvirtd.socket, keyfile: sshd.keyfile, ...options });
    return `test+ssh://root@127.0.0.1:${sshd.port}/default?${search}`;
  };

  it('leads to the socket of a daemon whose host is known', async () => {
    expect(await typeThrough(uri({ known_hosts: sshd.knownHosts }))).toBe('TEST');
  });

  it('does not trust a host with another key, unless it is told not to look', async () => {
    await expect(connect(uri({ known_hosts: sshd.wrongKnownHosts }))).rejects.toThrow(LibvirtClosed);
    expect(await typeThrough(uri({ known_hosts: sshd.wrongKnownHosts, no_verify: '1' }))).toBe('TEST');
  });

  it('does not let everybody in', async () => {
    const wrong = uri({ known_hosts: sshd.knownHosts, keyfile: sshd.wrongKeyfile });
    await expect(connect(wrong)).rejects.toThrow(/authentication methods failed/);
  });

  it('rejects where there is no socket', async () => {
    await expect(connect(uri({ known_hosts: sshd.knownHosts, socket: '/nowhere' }))).rejects.toThrow(LibvirtClosed);
  });

  it('tells when its connection is gone', async () => {
    const connection = await connect(uri({ known_hosts: sshd.knownHosts }));
    await libvirtd.kill();
    expect(await connection.closed).toBeInstanceOf(LibvirtClosed);
    await libvirtd.run();
  });
});
