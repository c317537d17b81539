import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test-world.js';
import { SrRegistry } from './sr-registry.js';
import { EmulatedStorage } from './storage.js';

describe('emulated storage at its places', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let registry: SrRegistry;
  let storage: EmulatedStorage;
  let neighbour: EmulatedStorage;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    registry = new SrRegistry(directory.path, () => undefined);
    storage = new EmulatedStorage(newUuid(), registry);
    neighbour = new EmulatedStorage(newUuid(), registry);
  });
  afterEach(async () => {
    await registry.close();
    await directory.remove();
  });

  const config = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));
  const probe = (type: string, values: Readonly<Record<string, string>>) => storage.probe(type, config(values), new Map());
  const sr = (type: string, values: Readonly<Record<string, string>>) => ({
    uuid: newUuid(),
    type,
    deviceConfig: config(values),
    smConfig: new Map<string, string>(),
    contentType: 'user',
    shared: false,
  });
  const refused = (number: number, text: RegExp, xml: RegExp | string = '') => ({
    code: `SR_BACKEND_FAILURE_${number}`,
    params: ['', expect.stringMatching(text), typeof xml === 'string' ? xml : expect.stringMatching(xml)],
  });

  it('refuses a configuration in which something is missing or wrong', async () => {
    const cases: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
      ['nfs', {}, 102],
      ['nfs', { server: 'x; rm -rf /', serverpath: '/a' }, 1],
      ['nfs', { server: 'nas' }, 101],
      ['nfs', { server: 'nas', serverpath: 'relative' }, 73],
      ['lvm', {}, 90],
      ['ext', { device: 'sdb' }, 91],
      ['lvm', { device: '/dev/../etc/passwd' }, 91],
      ['iso', {}, 94],
      ['lvmoiscsi', {}, 95],
      ['lvmoiscsi', { target: '10.0.0.6' }, 96],
      ['lvmohba', {}, 90],
    ];
    for (const [type, values, number] of cases) {
      const code = `SR_BACKEND_FAILURE_${number}`;
      await expect(storage.createSr(sr(type, values), 0), `${type} ${JSON.stringify(values)}`).rejects.toMatchObject({ code });
      await expect(storage.attach(sr(type, values))).rejects.toMatchObject({ code });
    }
  });

  it('lets clients discover iSCSI targets, then logical units, then SRs', async () => {
    await expect(probe('lvmoiscsi', { target: '10.0.0.6' })).rejects.toMatchObject(
      refused(96, /IQN/, /<TGT>\n\t\t<Index>\n\t\t\t0\n\t\t<\/Index>\n\t\t<IPAddress>\n\t\t\t10\.0\.0\.6\n/),
    );
    const targetIQN = 'iqn.2024-01.emulated.storage:target1';
    const thrown: unknown = await probe('lvmoiscsi', { target: '10.0.0.6', targetIQN }).catch((error: unknown) => error);
    expect(thrown).toMatchObject(refused(107, /SCSIid/, /<LUN>\n\t\t<vendor>/));
    const xml = (thrown as { params: string[] }).params[2] ?? '';
    const SCSIid = /<SCSIid>\s*(\S+)\s*</.exec(xml)?.[1] ?? '';
    const whole = { target: '10.0.0.6', targetIQN, SCSIid };
    expect(await probe('lvmoiscsi', whole)).toMatchObject([{ complete: true }]);
    const made = sr('lvmoiscsi', whole);
    await storage.createSr(made, 0);
    expect(await probe('lvmoiscsi', whole)).toMatchObject([{ sr: { uuid: made.uuid } }]);
  });

  it('takes no address that is none', async () => {
    await expect(probe('lvmoiscsi', { target: '<&">' })).rejects.toMatchObject(refused(140, /address/));
    await expect(probe('lvmoiscsi', { target: '10.0.0.6', port: '0' })).rejects.toMatchObject(refused(142, /port/));
  });

  it('lists block devices behind the Fibre Channel adapter', async () => {
    await expect(probe('lvmohba', {})).rejects.toMatchObject(refused(90, /SCSIid/, /<BlockDevice>[\s\S]*<lun>/));
  });

  it('finds the SRs of a place, and lets another host attach a shared one', async () => {
    const place = { server: 'nas', serverpath: '/a' };
    const made = sr('nfs', { ...place, password: 'secret' });
    await storage.createSr(made, 1000);
    expect(await neighbour.probe('nfs', config(place), new Map())).toMatchObject([{ sr: { uuid: made.uuid, totalSpace: 1000 } }]);
    expect((await probe('nfs', { ...place, serverpath: '/b' })).filter((finding) => finding.sr !== undefined)).toEqual([]);
    await neighbour.attach(made);
    await expect(storage.attach(sr('nfs', place))).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
  });

  it('keeps local media to their host, and one SR to a device', async () => {
    const made = sr('lvm', { device: '/dev/sdb' });
    await storage.createSr(made, 0);
    await expect(neighbour.attach(made)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
    await expect(storage.createSr(sr('lvm', { device: '/dev/sdb' }), 0)).rejects.toMatchObject({ code: 'SR_DEVICE_IN_USE' });
    await neighbour.createSr(sr('lvm', { device: '/dev/sdb' }), 0);
  });

  it('has what was made in the next process, without secrets', async () => {
    const made = sr('nfs', { server: 'nas', serverpath: '/a', password: 'hunter2' });
    await storage.createSr(made, 0);
    await storage.attach(made);
    await storage.createVolume(made.uuid, { uuid: newUuid(), virtualSize: 5, name: 'n', description: '', smConfig: new Map() });
    const again = new EmulatedStorage(newUuid(), new SrRegistry(directory.path, () => undefined));
    await again.attach(made);
    expect(await again.scan(made.uuid)).toMatchObject([{ name: 'n', virtualSize: 5 }]);
  });

  it('lets a dummy SR appear by itself, as tests of clients need it', async () => {
    const made = sr('dummy', {});
    await storage.attach(made);
    const volume = { uuid: newUuid(), virtualSize: 100_000, name: '', description: '', smConfig: new Map() };
    expect(await storage.createVolume(made.uuid, volume)).toMatchObject({ virtualSize: 100_000 });
  });
});
