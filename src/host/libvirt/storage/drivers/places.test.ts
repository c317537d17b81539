import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SrSpec } from '../../../storage.js';
import { LibvirtStorage } from '../libvirt-storage.js';
import { FakeLiveDisks } from '../testing/fake-live-disks.js';

let directory: string;
let storage: LibvirtStorage;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'places-'));
  const live = new FakeLiveDisks();
  storage = new LibvirtStorage({ live: () => live, warn: () => undefined, runDirectory: join(directory, 'run') });
});
afterEach(() => rm(directory, { recursive: true }));

const sr = (type: string, config: Readonly<Record<string, string>>, uuid = newUuid()): SrSpec => ({
  uuid,
  type,
  deviceConfig: new Map(Object.entries(config)),
  smConfig: new Map(),
  contentType: 'user',
  shared: false,
});
const refused = (number: number) => ({ code: `SR_BACKEND_FAILURE_${number}` });

describe.each(['file', 'iso'])('the place of an SR of type %s', (type) => {
  it('is a directory that exists and is none of the system', async () => {
    await symlink('/etc', join(directory, 'link'));
    await mkdir(join(directory, '.ssh'));
    await symlink('.ssh', join(directory, 'keys'));
    await writeFile(join(directory, 'file'), '');
    const cases: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
      [{}, 94],
      [{ location: '' }, 94],
      [{ location: 'relative' }, 1],
      [{ location: '/' }, 1],
      [{ location: '/etc' }, 1],
      [{ location: '/etc/libvirt/' }, 1],
      [{ location: '/proc/self/root' }, 1],
      [{ location: '/dev/shm' }, 1],
      [{ location: '/var/lib/../../etc' }, 1],
      [{ location: `${directory}/link` }, 1],
      [{ location: '/var/spool/cron/crontabs' }, 1],
      [{ location: `${directory}/.ssh` }, 1],
      [{ location: `${directory}/keys` }, 1],
      [{ location: `${directory}/a\nb` }, 1],
      [{ location: `/${'x'.repeat(5000)}` }, 1],
      [{ location: `${directory}/missing` }, 47],
      [{ location: `${directory}/file` }, 47],
    ];
    for (const [config, number] of cases) {
      await expect(storage.createSr(sr(type, config), 0), JSON.stringify(config).slice(0, 80)).rejects.toMatchObject(
        refused(number),
      );
      await expect(storage.attach(sr(type, config))).rejects.toMatchObject(refused(number));
      await expect(storage.probe(type, new Map(Object.entries(config)))).rejects.toMatchObject(refused(number));
    }
  });
});

describe('a file SR', () => {
  const place = () => ({ location: directory });

  it('is found by a probe once it was made, and a directory has one', async () => {
    expect(await storage.probe('file', new Map(Object.entries(place())))).toMatchObject([{ complete: true }]);
    const made = sr('file', place());
    await storage.createSr(made, 0);
    const [found] = await storage.probe('file', made.deviceConfig);
    expect(found?.sr?.uuid).toBe(made.uuid);
    expect(found?.sr?.totalSpace).toBeGreaterThan(0);
    await expect(storage.createSr(sr('file', place()), 0)).rejects.toMatchObject({ code: 'SR_DEVICE_IN_USE' });
    await expect(storage.createSr(sr('file', place(), made.uuid), 0)).rejects.toMatchObject({ code: 'SR_UUID_EXISTS' });
  });

  it('cannot be attached before it was made, nor under a name that is no uuid', async () => {
    await expect(storage.attach(sr('file', place()))).rejects.toMatchObject(refused(47));
    await expect(storage.createSr(sr('file', place(), '../../x'), 0)).rejects.toMatchObject({ code: 'UUID_INVALID' });
  });

  it('shows images of others and is not destroyed with them', async () => {
    const made = sr('file', place());
    await storage.createSr(made, 0);
    await storage.attach(made);
    await writeFile(join(directory, 'other.img'), Buffer.alloc(8192));
    await writeFile(join(directory, 'notes.txt'), 'x');
    await symlink('/etc/passwd', join(directory, 'link.img'));
    const [found, ...more] = await storage.scan(made.uuid);
    expect(found).toMatchObject({ location: 'other.img', virtualSize: 8192, readOnly: false });
    expect(more).toEqual([]);
    expect(await storage.source({ sr: made.uuid, location: 'other.img' })).toEqual({
      path: join(directory, 'other.img'),
      kind: 'file',
      format: 'raw',
      readOnly: false,
      virtualSize: 8192,
    });
    expect(storage.locate(join(directory, 'other.img'))).toEqual({ sr: made.uuid, location: 'other.img' });
    expect(storage.locate(join(directory, 'link.img'))).toBeUndefined();
    await expect(storage.source({ sr: made.uuid, location: '../../etc/passwd' })).rejects.toMatchObject({ code: 'VDI_MISSING' });
    await storage.detach(made.uuid);
    await expect(storage.destroySr(made)).rejects.toMatchObject({ code: 'SR_NOT_EMPTY' });
    await rm(join(directory, 'other.img'));
    await storage.destroySr(made);
    await expect(storage.attach(made)).rejects.toMatchObject(refused(47));
  });
});

describe('an ISO library', () => {
  it('shows images, read-only, and nothing else can be done with it', async () => {
    await mkdir(join(directory, 'sub.iso'));
    await writeFile(join(directory, 'a.iso'), Buffer.alloc(5000));
    await writeFile(join(directory, 'real'), Buffer.alloc(2048));
    await symlink(join(directory, 'real'), join(directory, 'b.IMG'));
    await writeFile(join(directory, 'c.txt'), '');
    const made = sr('iso', { location: directory, legacy_mode: 'true' });
    await storage.createSr(made, 0);
    await storage.attach(made);
    const found = await storage.scan(made.uuid);
    expect(found.map(({ location, virtualSize, readOnly }) => [location, virtualSize, readOnly]).sort()).toEqual([
      ['a.iso', 5120, true],
      ['b.IMG', 2048, true],
    ]);
    const address = { sr: made.uuid, location: 'a.iso' };
    expect(await storage.source(address)).toMatchObject({ format: 'raw', readOnly: true });
    expect(storage.locate(join(directory, 'a.iso'))).toEqual(address);
    await expect(storage.write(address)).rejects.toMatchObject({ code: 'VDI_READONLY' });
    await expect(storage.snapshotVolume(address, newUuid())).rejects.toMatchObject({ code: 'SR_OPERATION_NOT_SUPPORTED' });
    await expect(storage.destroySr(made)).rejects.toMatchObject({ code: 'SR_NOT_EMPTY' });
  });
});

describe('the SR that covers a path', () => {
  it('is a library for CD images and a directory of disks for the rest', () => {
    expect(storage.cover('/var/lib/libvirt/images/debian.qcow2')).toEqual({
      type: 'file',
      deviceConfig: new Map([['location', '/var/lib/libvirt/images']]),
      location: 'debian.qcow2',
    });
    expect(storage.cover('/srv/isos/debian.ISO')).toMatchObject({ type: 'iso', location: 'debian.ISO' });
  });

  it('is none for devices, directories of the system, and what is no file', () => {
    for (const path of [
      '/dev/vg/lv',
      '/etc/disk.img',
      '/disk.img',
      'disk.img',
      '/srv/a/',
      '/srv/.hidden',
      `/srv/${newUuid()}/x.qcow2`,
    ]) {
      expect(storage.cover(path), path).toBeUndefined();
    }
  });
});

it('has drivers with what clients are told of them', () => {
  const drivers = new Map(storage.drivers().map((driver) => [driver.type, driver]));
  expect([...drivers.keys()]).toEqual(
    expect.arrayContaining(['ext', 'xfs', 'file', 'nfs', 'smb', 'iso', 'udev', 'iscsi', 'hba']),
  );
  for (const { name, configuration } of drivers.values())
    expect([name, configuration.size > 0]).toEqual([expect.stringMatching(/./), true]);
  expect(drivers.get('file')?.features).toContain('VDI_SNAPSHOT');
  for (const type of ['iso', 'udev', 'iscsi', 'hba']) expect(drivers.get(type)?.features).not.toContain('VDI_CREATE');
});
