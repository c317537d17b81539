import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeTools } from '../testing/fake-tools.js';
import { parseMountTable } from './mount-table.js';
import { type MountSource, Mounts } from './mounts.js';

const NFS: MountSource = { type: 'nfs', source: 'nas:/vms', options: ['soft', 'vers=4'] };

describe('the mounts of SRs', () => {
  let directory: string;
  let points: string;
  let tools: FakeTools;
  let mounts: Mounts;
  const sr = newUuid();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mounts-'));
    points = join(directory, 'sr-mount');
    tools = new FakeTools();
    mounts = new Mounts(directory, tools, tools.table);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('lie under the uuids of their SRs, and nothing there runs or is a device', async () => {
    const point = await mounts.mount(sr, NFS);
    expect(point).toBe(join(points, sr));
    expect((await stat(point)).mode & 0o777).toBe(0o711);
    expect(tools.calls).toEqual([`mount -t nfs -o nosuid,nodev,noexec,soft,vers=4 -- nas:/vms ${point}`]);
    await mounts.unmount(sr);
    expect(tools.calls.at(-1)).toBe(`umount -- ${point}`);
    expect(await readdir(directory)).toEqual([]);
    await mounts.unmount(sr);
    expect(tools.calls).toHaveLength(2);
  });

  it('are made once, and anew when something else is there', async () => {
    await mounts.mount(sr, NFS);
    // The kernel tells of versions in its own way.
    tools.mounted = tools.mounted.map((one) => ({ ...one, type: 'nfs4', source: 'nas:/vms/' }));
    await mounts.mount(sr, NFS);
    expect(tools.calls).toHaveLength(1);
    await mounts.mount(sr, { ...NFS, source: 'other:/vms' });
    expect(tools.calls.map((call) => call.split(' ')[0])).toEqual(['mount', 'umount', 'mount']);
    expect(tools.mounted).toMatchObject([{ source: 'other:/vms' }]);
  });

  it('leave nothing behind when they fail', async () => {
    tools.answers.set('mount', () => ({ complaint: 'mount.nfs: access denied by server while mounting nas:/vms' }));
    const secret = { ...NFS, credentials: { username: 'u', password: 'hunter2' } };
    await expect(mounts.mount(sr, secret)).rejects.toMatchObject({
      failure: 'failed',
      message: 'access denied by server while mounting nas:/vms',
    });
    await expect(mounts.during(NFS, async () => undefined)).rejects.toThrow('access denied');
    expect(await readdir(directory)).toEqual([]);
  });

  it('tell which part of the system is missing', async () => {
    tools.answers.set('mount', () => ({ complaint: "mount: /x: unknown filesystem type 'cifs'." }));
    await expect(mounts.mount(sr, { ...NFS, type: 'cifs' })).rejects.toMatchObject({
      failure: 'unknown type',
      message: expect.stringContaining('linux-image-amd64'),
    });
  });

  it('stay when they are in use', async () => {
    const point = await mounts.mount(sr, NFS);
    tools.answers.set('umount', () => ({ complaint: `umount: ${point}: target is busy.` }));
    await expect(mounts.unmount(sr)).rejects.toMatchObject({ failure: 'busy', message: 'It is in use: target is busy' });
    expect(await readdir(points)).toEqual([sr]);
  });

  it('last for a moment where something is only looked at', async () => {
    const seen = await mounts.during(NFS, async (point) => {
      expect(tools.mounted).toMatchObject([{ point }]);
      expect((await stat(point)).mode & 0o777).toBe(0o700);
      // What is mounted here later must be reached by QEMU's user.
      expect((await stat(points)).mode & 0o777).toBe(0o711);
      return point;
    });
    expect(seen).not.toBe(join(points, sr));
    expect(tools.mounted).toEqual([]);
    await expect(mounts.during(NFS, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(tools.mounted).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('go even when somebody else looks into a momentary one', async () => {
    tools.answers.set('umount', (args) => (args.includes('--lazy') ? '' : { complaint: 'umount: /x: target is busy.' }));
    await mounts.during(NFS, async () => undefined);
    expect(tools.mounted).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('have passwords in a file for root alone, and only while it is needed', async () => {
    const credentials = { username: 'DOMAIN\\user', password: 'hunter2,ro' };
    await mounts.mount(sr, { type: 'cifs', source: '//nas/vms', options: [], credentials });
    expect(tools.credentials).toEqual(['username=user\npassword=hunter2,ro\ndomain=DOMAIN\n']);
    expect(tools.calls.join()).not.toContain('hunter2');
    expect(await readdir(points)).toEqual([sr]);
  });

  it('of an earlier process go, unless they are in use', async () => {
    const [busy, idle] = [newUuid(), newUuid()];
    for (const name of [busy, idle, 'moment-1', 'others']) await mkdir(join(points, name), { recursive: true });
    await writeFile(join(points, 'credentials-1'), 'password=x');
    tools.mounted = [busy, idle].map((name) => ({ point: join(points, name), type: 'ext4', source: '/dev/sdb' }));
    tools.answers.set('umount', (args) => (args.at(-1)?.endsWith(busy) ? { complaint: 'target is busy' } : ''));
    await mounts.tidy();
    expect((await readdir(points)).sort()).toEqual([busy, 'others'].sort());
    // What is in use is taken over by its SR.
    await mounts.mount(busy, { type: 'ext4', source: '/dev/sdb', options: [] });
    expect(tools.calls.filter((call) => call.startsWith('mount '))).toEqual([]);
  });

  it('take uuids for names, and nothing else', () => {
    for (const name of ['../x', '', 'a/b', newUuid().toUpperCase()]) expect(() => mounts.pointOf(name), name).toThrow(TypeError);
  });
});

it('reads the table of the kernel, blanks in names included', () => {
  const text = [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '35 22 0:31 / /run/my\\040disks rw - nfs4 nas:/a\\134b rw,vers=4.2',
    'damaged line',
    '',
  ].join('\n');
  expect(parseMountTable(text)).toEqual([
    { point: '/', type: 'ext4', source: '/dev/vda' },
    { point: '/run/my disks', type: 'nfs4', source: 'nas:/a\\b' },
  ]);
});
