import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, describe, expect, it } from 'vitest';
import type { SrSpec } from '../../../storage.js';
import { type FakeServer, fakeServer } from '../testing/fake-server.js';
import { isoDriver } from './iso-driver.js';
import { nfsDriver } from './nfs-driver.js';
import { smbDriver } from './smb-driver.js';

let server: FakeServer;
afterEach(() => server.remove());

const config = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));
const sr = (type: string, values: Readonly<Record<string, string>>, uuid = newUuid()): SrSpec => ({
  uuid,
  type,
  deviceConfig: config(values),
  smConfig: new Map(),
  contentType: 'user',
  shared: true,
});
const refused = (number: number, text: RegExp = /./) => ({
  code: `SR_BACKEND_FAILURE_${number}`,
  params: ['', expect.stringMatching(text), expect.any(String)],
});

describe.each([
  ['nfs', nfsDriver, 'nas:', { server: 'nas', serverpath: '/vms' }],
  ['smb', smbDriver, '//nas/share', { server: '\\\\nas\\share', serverpath: 'vms', username: 'u', password: 'hunter2' }],
] as const)('an SR of type %s', (type, driver, prefix, place) => {
  const nothingMounted = (): void => {
    expect(server.tools.mounted).toEqual([]);
    expect(existsSync(server.points)).toBe(false);
  };

  it('shares a directory of the server with others', async () => {
    server = await fakeServer(prefix);
    const { environment, files } = server;
    const [one, two] = [sr(type, place), sr(type, place)];
    expect(await driver.probe(config(place), environment)).toEqual([expect.not.objectContaining({ sr: expect.anything() })]);
    await driver.create(one, 0, environment);
    await driver.create(two, 0, environment);
    await mkdir(join(files, 'vms', newUuid()));
    nothingMounted();
    const found = (await driver.probe(config(place), environment)).flatMap(({ sr: there }) => there?.uuid ?? []);
    expect([...found].sort()).toEqual([one.uuid, two.uuid].sort());
    await expect(driver.create(one, 0, environment)).rejects.toMatchObject({ code: 'SR_UUID_EXISTS' });

    const attached = await driver.attach(one, environment);
    expect(await attached.scan()).toEqual([]);
    expect(server.tools.mounted).toMatchObject([{ point: join(server.points, one.uuid) }]);
    await attached.close?.();
    nothingMounted();

    await driver.destroy(one, environment);
    expect(await readdir(join(files, 'vms'))).not.toContain(one.uuid);
    await expect(driver.attach(one, environment)).rejects.toMatchObject(refused(type === 'nfs' ? 73 : 111));
    await expect(driver.destroy(one, environment)).rejects.toMatchObject(refused(47));
    nothingMounted();
    await (await driver.attach(two, environment)).close?.();
    expect(server.tools.calls.join()).not.toContain('hunter2');
  });

  it('is no SR without what says so, and not removed with files of others in it', async () => {
    server = await fakeServer(prefix);
    const { environment, files } = server;
    const made = sr(type, place);
    await mkdir(join(files, 'vms', made.uuid));
    await expect(driver.attach(made, environment)).rejects.toMatchObject(refused(47));
    await rm(join(files, 'vms', made.uuid), { recursive: true });
    await driver.create(made, 0, environment);
    await writeFile(join(files, 'vms', made.uuid, 'other.raw'), '');
    await expect(driver.destroy(made, environment)).rejects.toMatchObject({ code: 'SR_NOT_EMPTY' });
    await expect(driver.attach({ ...made, uuid: '../..' }, environment)).rejects.toMatchObject({ code: 'UUID_INVALID' });
    nothingMounted();
  });
});

it('NFS servers are asked what they export when no path is given', async () => {
  server = await fakeServer('nas:');
  const { environment, tools } = server;
  tools.answers.set('showmount', () => '/vms *\n');
  const asked = nfsDriver.probe(config({ server: 'nas' }), environment);
  await expect(asked).rejects.toMatchObject(refused(101));
  await expect(asked).rejects.toMatchObject({ params: ['', expect.any(String), expect.stringMatching(/<Path>\s*\/vms\s*</)] });
  await expect(nfsDriver.probe(config({}), environment)).rejects.toMatchObject(refused(102));
  await expect(nfsDriver.probe(config({ server: 'x; rm', serverpath: '/a' }), environment)).rejects.toMatchObject(refused(1));
  tools.missing.add('mount.nfs');
  await expect(nfsDriver.probe(config({ server: 'nas', serverpath: '/vms' }), environment)).rejects.toMatchObject(
    refused(73, /install the package nfs-common/),
  );
});

describe('an ISO library on a server', () => {
  it.each([
    ['nas:', { location: 'nas:/vms', type: 'nfs_iso' }],
    ['//nas/share', { location: '//nas/share', iso_path: '/vms', type: 'cifs', username: 'u', cifspassword: 'hunter2' }],
  ] as const)('%s shows its images', async (prefix, place) => {
    server = await fakeServer(prefix);
    const { environment, files, tools } = server;
    await writeFile(join(files, 'vms/a.iso'), Buffer.alloc(2048));
    const library = sr('iso', place);
    expect(await isoDriver.probe(config(place), environment)).toEqual([]);
    await isoDriver.create(library, 0, environment);
    expect(tools.mounted).toEqual([]);
    const attached = await isoDriver.attach(library, environment);
    expect(await attached.scan()).toMatchObject([{ location: 'a.iso', virtualSize: 2048, readOnly: true }]);
    expect((await attached.source('a.iso')).path).toBe(join(server.points, library.uuid, 'a.iso'));
    expect(tools.calls.filter((call) => call.startsWith('mount')).every((call) => /[ ,]ro,/.test(call))).toBe(true);
    await attached.close?.();
    expect(tools.mounted).toEqual([]);
    await expect(isoDriver.destroy(library, environment)).rejects.toMatchObject({ code: 'SR_NOT_EMPTY' });
    await rm(join(files, 'vms/a.iso'));
    await isoDriver.destroy(library, environment);
    expect(tools.calls.join()).not.toContain('hunter2');
  });

  it('is refused when it cannot be mounted', async () => {
    server = await fakeServer('nas:');
    const { environment, tools } = server;
    await expect(isoDriver.attach(sr('iso', { location: 'nas:/none' }), environment)).rejects.toMatchObject(refused(222));
    await expect(isoDriver.attach(sr('iso', { location: 'none', type: 'cifs' }), environment)).rejects.toMatchObject(
      refused(225),
    );
    tools.missing.add('mount.cifs');
    await expect(isoDriver.create(sr('iso', { location: '//nas/a' }), 0, environment)).rejects.toMatchObject(
      refused(222, /install the package cifs-utils/),
    );
  });
});
