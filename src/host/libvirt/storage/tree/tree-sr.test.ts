import { v4 as newUuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Volume } from '../../../storage.js';
import { FakeLiveDisks } from '../testing/fake-live-disks.js';
import { MemoryMedium } from '../testing/memory-medium.js';
import { MAX_CHAIN } from './branching.js';
import { TreeSr } from './tree-sr.js';

const SR = '11111111-1111-4111-8111-111111111111';
const MIB = 2 ** 20;

let medium: MemoryMedium;
let live: FakeLiveDisks;
let sr: TreeSr;
let warnings: string[];

const open = (): Promise<TreeSr> =>
  TreeSr.open(
    SR,
    medium,
    () => live,
    (_error, message) => void warnings.push(message),
  );

beforeEach(async () => {
  medium = new MemoryMedium();
  live = new FakeLiveDisks();
  warnings = [];
  sr = await open();
});

const make = (virtualSize = MIB): Promise<Volume> =>
  sr.create({ uuid: newUuid(), virtualSize, name: 'disk', description: '', smConfig: new Map([['k', 'v']]) });
const path = async (location: string): Promise<string> => (await sr.source(location)).path;
const content = async (location: string): Promise<string> => medium.content(await path(location));
const write = async (location: string, block: number, value: string): Promise<void> =>
  medium.write(await path(location), block, value);
const written = async (): Promise<Volume> => {
  const volume = await make();
  await write(volume.location, 1, 'a');
  return volume;
};

describe('disks as chains of images', () => {
  it('takes one image for a disk and a second one for its first snapshot', async () => {
    const volume = await written();
    expect(medium.stored.size).toBe(1);
    const snapshot = await sr.snapshot(volume.location, newUuid());
    expect(medium.stored.size).toBe(2);
    await write(volume.location, 1, 'b');
    expect([await content(volume.location), await content(snapshot.location)]).toEqual(['1b', '1a']);
    expect(snapshot).toMatchObject({ readOnly: true, name: 'disk', location: snapshot.uuid });
  });

  it('does not make chains longer for clones of a disk that nobody writes to', async () => {
    const template = await written();
    await sr.clone(template.location, newUuid());
    for (let n = 0; n < 2 * MAX_CHAIN; n++)
      expect(await content((await sr.clone(template.location, newUuid())).location)).toBe('1a');
    // A base, the template's own image, and one for each clone.
    expect(medium.stored.size).toBe(2 + 1 + 2 * MAX_CHAIN);
  });

  it('refuses chains that are longer than readers can bear, and changes nothing then', async () => {
    const volume = await written();
    for (let n = 1; n < MAX_CHAIN; n++) {
      await sr.snapshot(volume.location, newUuid());
      await write(volume.location, n, 'x');
    }
    const before = medium.stored.size;
    await expect(sr.snapshot(volume.location, newUuid())).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_109' });
    expect([medium.stored.size, medium.intents.size]).toEqual([before, 0]);
  });

  it('destroys what somebody else has removed already', async () => {
    const volume = await written();
    medium.stored.clear();
    await sr.destroy(volume.location);
    expect([medium.stored.size, medium.volumes.size, medium.intents.size]).toEqual([0, 0, 0]);
    await expect(sr.destroy(volume.location)).rejects.toMatchObject({ code: 'VDI_MISSING' });
  });

  it('keeps what others stand on from being written to', async () => {
    const volume = await written();
    const before = await path(volume.location);
    await sr.clone(volume.location, newUuid());
    expect([...medium.sealed]).toEqual([before.slice('/sr/'.length)]);
  });

  it('removes images with the last one that needs them', async () => {
    const volume = await written();
    const snapshot = await sr.snapshot(volume.location, newUuid());
    const clone = await sr.clone(snapshot.location, newUuid());
    await sr.destroy(volume.location);
    await sr.destroy(snapshot.location);
    expect(await content(clone.location)).toBe('1a');
    await sr.destroy(clone.location);
    expect([medium.stored.size, medium.volumes.size, medium.intents.size]).toEqual([0, 0, 0]);
  });

  it('shares memory images with snapshots and removes them with their volumes', async () => {
    const volume = await make();
    medium.memory.add(volume.uuid);
    const snapshot = await sr.snapshot(volume.location, newUuid());
    await sr.destroy(volume.location);
    expect([...medium.memory]).toEqual([snapshot.uuid]);
    expect(await sr.reading(snapshot.location)).toMatchObject({ isMemory: true, source: { format: 'raw' }, size: MIB });
  });
});

describe('disks of running domains', () => {
  it('go on in a new image while what they had becomes the snapshot', async () => {
    const volume = await written();
    const before = await path(volume.location);
    live.users.set(before, 'domain');
    const snapshot = await sr.snapshot(volume.location, newUuid());
    const after = await path(volume.location);
    expect(live.switches).toEqual([
      { path: before, overlay: { path: after, kind: 'file', format: 'qcow2', readOnly: false, virtualSize: MIB } },
    ]);
    medium.write(after, 2, 'b');
    expect([await content(volume.location), await content(snapshot.location)]).toEqual(['1a 2b', '1a']);
    expect(sr.locate(after)).toBe(volume.location);
  });

  it('stay as they are when the domain cannot go over', async () => {
    const volume = await written();
    const before = await path(volume.location);
    live.users.set(before, 'domain');
    live.failure = new Error('QEMU refuses');
    await expect(sr.snapshot(volume.location, newUuid())).rejects.toThrow('QEMU refuses');
    expect(await path(volume.location)).toBe(before);
    expect([medium.stored.size, medium.volumes.size, medium.intents.size]).toEqual([1, 1, 0]);
    expect(await sr.scan()).toHaveLength(1);
  });

  it('are not destroyed, reverted or written to', async () => {
    const volume = await written();
    const snapshot = await sr.snapshot(volume.location, newUuid());
    live.users.set(await path(volume.location), 'domain');
    const refused = (operation: string) => ({ code: 'VDI_IN_USE', params: [volume.uuid, operation] });
    await expect(sr.destroy(volume.location)).rejects.toMatchObject(refused('destroy'));
    await expect(sr.revert(volume.location, snapshot.location)).rejects.toMatchObject(refused('revert'));
    await expect(sr.writing(volume.location)).rejects.toMatchObject(refused('write'));
  });

  it('grow through the domain', async () => {
    const volume = await written();
    live.users.set(await path(volume.location), 'domain');
    await sr.resize(volume.location, 3 * MIB);
    expect(live.sizes).toEqual([{ path: await path(volume.location), size: 3 * MIB }]);
  });

  it('are read as they were when the reading began', async () => {
    const volume = await written();
    live.users.set(await path(volume.location), 'domain');
    const { source } = await sr.reading(volume.location);
    medium.write(await path(volume.location), 1, 'later');
    expect([source.readOnly, medium.content(source.path), await content(volume.location)]).toEqual([true, '1a', '1later']);
  });

  it('are found where the tools of libvirt made them go on', async () => {
    const volume = await written();
    const before = (await path(volume.location)).slice('/sr/'.length);
    medium.find('own-by-virsh', MIB, before);
    live.users.set('/sr/own-by-virsh', 'domain');
    expect(await sr.scan()).toMatchObject([{ location: volume.location }]);
    expect(await path(volume.location)).toBe('/sr/own-by-virsh');
    expect(sr.locate('/sr/own-by-virsh')).toBe(volume.location);
  });
});

describe('disks that are being written to', () => {
  it('are left alone by everything else until they are released', async () => {
    const volume = await written();
    const { release } = await sr.writing(volume.location);
    const refused = { code: 'VDI_IN_USE' };
    await expect(sr.writing(volume.location)).rejects.toMatchObject(refused);
    await expect(sr.snapshot(volume.location, newUuid())).rejects.toMatchObject(refused);
    await expect(sr.destroy(volume.location)).rejects.toMatchObject(refused);
    await expect(sr.resize(volume.location, 2 * MIB)).rejects.toMatchObject(refused);
    await expect(sr.reading(volume.location)).rejects.toMatchObject(refused);
    release();
    await sr.snapshot(volume.location, newUuid());
  });
});

describe('images that were found', () => {
  beforeEach(() => medium.find('debian', 8 * MIB));

  it('are disks with the same uuid every time', async () => {
    const [first] = await sr.scan();
    expect(first).toMatchObject({ location: 'debian', virtualSize: 8 * MIB, readOnly: false });
    expect((await (await open()).scan())[0]?.uuid).toBe(first?.uuid);
  });

  it('become bases of snapshots without a second disk appearing', async () => {
    await write('debian', 1, 'a');
    const [before] = await sr.scan();
    const snapshot = await sr.snapshot('debian', newUuid());
    await write('debian', 1, 'b');
    expect([await content('debian'), await content(snapshot.location)]).toEqual(['1b', '1a']);
    sr = await open();
    const after = await sr.scan();
    expect(after.map(({ uuid }) => uuid).sort()).toEqual([before?.uuid, snapshot.uuid].sort());
    await sr.destroy('debian');
    expect((await sr.scan()).map(({ uuid }) => uuid)).toEqual([snapshot.uuid]);
    await sr.destroy(snapshot.location);
    expect([medium.stored.size, medium.claims.size, medium.volumes.size]).toEqual([0, 0, 0]);
  });

  it('on which others of them stand are read-only and stay', async () => {
    medium.find('overlay', 8 * MIB, 'debian');
    expect((await sr.scan()).map(({ location, readOnly }) => [location, readOnly])).toEqual([
      ['debian', true],
      ['overlay', false],
    ]);
    await expect(sr.destroy('debian')).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    await expect(sr.writing('debian')).rejects.toMatchObject({ code: 'VDI_READONLY' });
    await sr.destroy('overlay');
    expect((await sr.scan()).map(({ location, readOnly }) => [location, readOnly])).toEqual([['debian', false]]);
  });
});

it('makes a disk of an image whose record is lost', async () => {
  const volume = await written();
  medium.volumes.clear();
  sr = await open();
  const [found] = await sr.scan();
  expect(await content(found?.location ?? '')).toBe('1a');
  expect(found?.uuid).not.toBe(volume.uuid);
  expect(warnings).toHaveLength(1);
});
