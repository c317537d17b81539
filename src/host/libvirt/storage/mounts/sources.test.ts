import { describe, expect, it } from 'vitest';
import { isoPlace } from '../iso/iso-place.js';
import { FakeTools } from '../testing/fake-tools.js';
import { clientOptions } from './mount-options.js';
import { exportsOf, needNfs, nfsSource } from './nfs-source.js';
import { smbShare, smbSource } from './smb-source.js';

const refused = (number: number) => expect.objectContaining({ code: `SR_BACKEND_FAILURE_${number}` });
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
};

describe('mount options of clients', () => {
  it('are those that say how to speak with the server', () => {
    expect(clientOptions('nfs', '-o soft,timeo=50,vers=4.1,sec=krb5p')).toEqual(['soft', 'timeo=50', 'vers=4.1', 'sec=krb5p']);
    expect(clientOptions('smb', 'vers=3.0,seal,domain=CORP')).toEqual(['vers=3.0', 'seal', 'domain=CORP']);
    expect(clientOptions('nfs', '')).toEqual([]);
  });

  it('let nobody run or own anything, name files of the host, or end the list', () => {
    const bad = [
      'exec',
      'suid',
      'dev',
      'credentials=/etc/shadow',
      'password=x',
      'timeo=1 -o exec',
      'timeo=$(x)',
      'soft=a=b',
      'bind',
    ];
    for (const text of bad) {
      expect(clientOptions('nfs', text), text).toBeUndefined();
      expect(clientOptions('smb', text), text).toBeUndefined();
    }
    expect(clientOptions('nfs', Array(40).fill('soft').join(','))).toBeUndefined();
  });
});

describe('a directory of an NFS server', () => {
  it('is mounted in the version that was asked for', () => {
    expect(nfsSource('nas.example', '/vms', {})).toMatchObject({ type: 'nfs', source: 'nas.example:/vms' });
    expect(nfsSource('nas', '/vms', { nfsversion: '4', options: 'hard' }).options.slice(-2)).toEqual(['vers=4', 'hard']);
    expect(nfsSource('fe80::1', '/vms', {}).source).toBe('[fe80::1]:/vms');
  });

  it('is refused when it is none', () => {
    expect(thrownBy(() => nfsSource('-o exec', '/vms', {}))).toEqual(refused(1));
    expect(thrownBy(() => nfsSource('nas', 'vms', {}))).toEqual(refused(73));
    expect(thrownBy(() => nfsSource('nas', '/a/../b', {}))).toEqual(refused(73));
    expect(thrownBy(() => nfsSource('nas', '/a,exec', {}))).toEqual(refused(73));
    expect(thrownBy(() => nfsSource('nas', '/vms', { nfsversion: '5' }))).toEqual(refused(72));
    expect(thrownBy(() => nfsSource('nas', '/vms', { options: 'exec' }))).toEqual(refused(1));
  });

  it('is told by its server', async () => {
    const tools = new FakeTools();
    tools.answers.set('showmount', () => '/export/vms 10.0.0.0/8,192.168.1.5\n/with blank (everyone)\n/open *\n');
    expect(await exportsOf(tools, 'nas')).toEqual([
      { path: '/export/vms', access: '10.0.0.0/8,192.168.1.5' },
      { path: '/with blank', access: '*' },
      { path: '/open', access: '*' },
    ]);
    tools.answers.set('showmount', () => ({ complaint: 'clnt_create: RPC: Program not registered' }));
    await expect(exportsOf(tools, 'nas')).rejects.toEqual(refused(108));
  });

  it('needs a program, which is named with its package', async () => {
    const tools = new FakeTools();
    await needNfs(tools);
    tools.missing.add('mount.nfs');
    await expect(needNfs(tools)).rejects.toMatchObject({
      code: 'SR_BACKEND_FAILURE_73',
      params: ['', expect.stringContaining('nfs-common'), ''],
    });
  });
});

describe('a share of an SMB server', () => {
  it('is written with slashes or backslashes, with a directory or without', () => {
    expect(smbShare('\\\\nas\\vms', '', 'badParameter')).toEqual({ share: '//nas/vms', path: '/' });
    expect(smbShare('//nas/my share/a/b', '/c', 'badParameter')).toEqual({ share: '//nas/my share', path: '/a/b/c' });
    for (const text of ['nas', '//nas', '//nas/../etc', '//-x/y', '//nas/a,exec', '//nas/a/../../b', '/nas/a'])
      expect(
        thrownBy(() => smbShare(text, '', 'badParameter')),
        text,
      ).toEqual(refused(1));
  });

  it('has its files owned by whom QEMU runs as, and its password nowhere in sight', () => {
    const share = { share: '//nas/vms', path: '/x' };
    const source = smbSource(share, { username: 'u', password: 'hunter2' }, { user: 64055, group: 104 });
    expect(source).toMatchObject({ type: 'cifs', source: '//nas/vms/x', credentials: { username: 'u', password: 'hunter2' } });
    expect(source.options).toEqual(expect.arrayContaining(['uid=64055', 'gid=104', 'nobrl', 'file_mode=0600']));
    expect(source.options.join()).not.toContain('hunter2');
    expect(smbSource(share, {}, undefined).options).toContain('guest');
    expect(thrownBy(() => smbSource(share, { username: 'u\npassword=x' }, undefined))).toEqual(refused(1));
    expect(thrownBy(() => smbSource(share, { vers: 'x' }, undefined))).toEqual(refused(227));
  });
});

describe('the place of CD images', () => {
  const place = (config: Readonly<Record<string, string>>) => isoPlace(new Map(Object.entries(config)));
  const source = (config: Readonly<Record<string, string>>) => {
    const found = place(config);
    return found.kind === 'directory' ? found : found.source(undefined);
  };

  it('is a directory, or one of a server, as each client writes it', () => {
    expect(place({ location: '/srv/isos', legacy_mode: 'true' })).toEqual({ kind: 'directory' });
    expect(source({ location: 'nas:/isos' })).toMatchObject({ type: 'nfs', source: 'nas:/isos' });
    expect(source({ location: 'nas:/isos', type: 'nfs_iso', nfsversion: '4' })).toMatchObject({ source: 'nas:/isos' });
    expect(source({ location: '//nas/isos', type: 'cifs', iso_path: '/a/b', username: 'u', cifspassword: 'p' })).toMatchObject({
      type: 'cifs',
      source: '//nas/isos/a/b',
      credentials: { username: 'u', password: 'p' },
    });
    expect(source({ location: '\\\\nas\\isos' })).toMatchObject({ type: 'cifs', source: '//nas/isos' });
  });

  it('is only read', () => {
    for (const config of [{ location: 'nas:/isos' }, { location: '//nas/isos' }])
      expect(source(config)).toMatchObject({ options: expect.arrayContaining(['ro']) });
  });

  it('is refused when it is none', () => {
    expect(thrownBy(() => place({ location: '/isos', type: 'nfs_iso' }))).toEqual(refused(225));
    expect(thrownBy(() => source({ location: 'nas/isos', type: 'cifs' }))).toEqual(refused(225));
    expect(thrownBy(() => source({ location: 'nas:/../isos' }))).toEqual(refused(222));
    expect(thrownBy(() => place({ location: '/isos', type: 'ftp' }))).toEqual(refused(1));
  });
});
