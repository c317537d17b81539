import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DomainSpec } from '../compute.js';
import { recordedWatch } from '../contract/watch.js';
import type { SrSpec } from '../storage.js';
import type { AdoptedVolume } from './adoption.js';
import { openWorld, type TestWorld, temporaryDirectory } from './test-world.js';

const MIB = 2 ** 20;
// Not of any version: pools that are old enough have such.
const UUID = '0a1b2c3d-1111-2222-3333-444455556666';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let world: TestWorld;
beforeEach(async () => {
  directory = await temporaryDirectory();
  world = await openWorld(directory.path, { hosts: 2 });
});
afterEach(async () => {
  await world.close();
  await directory.remove();
});

const sr = (changes: Partial<SrSpec> = {}): SrSpec => ({
  uuid: UUID,
  type: 'cephfs',
  deviceConfig: new Map([['monitors', 'a,b,c']]),
  smConfig: new Map(),
  contentType: 'user',
  shared: true,
  ...changes,
});
const volume = (changes: Partial<AdoptedVolume> = {}): AdoptedVolume => ({
  uuid: newUuid(),
  location: 'somewhere/else.qcow2',
  virtualSize: 100 * MIB,
  physicalUtilisation: 60 * MIB,
  readOnly: false,
  name: 'disk',
  description: '',
  smConfig: new Map([['vhd-parent', 'x']]),
  ...changes,
});
const storage = (number = 0) => {
  const host = world.hosts[number];
  if (!host) throw new Error(`there is no host ${number}`);
  return host.storage;
};
async function reopen(): Promise<void> {
  await world.close();
  world = await openWorld(directory.path, {});
}

it('serves an SR of any kind, with its disks under their own locations, also after a restart', async () => {
  const disk = volume();
  await world.adoption.sr(sr(), 1000 * MIB, undefined);
  await world.adoption.volume(UUID, disk);
  await world.adoption.volume(UUID, volume({ location: 'cd.iso', readOnly: true, physicalUtilisation: 0 }));
  await expect(world.adoption.sr(sr(), 0, undefined)).rejects.toMatchObject({ code: 'SR_UUID_EXISTS' });
  for (let round = 0; round < 2; round++) {
    for (const number of [0, 1]) await storage(number).attach(sr());
    const found = await storage().scan(UUID);
    const { physicalUtilisation, virtualSize, uuid, location } = disk;
    expect(found.find((one) => one.uuid === uuid)).toMatchObject({ location, virtualSize, physicalUtilisation, readOnly: false });
    expect(found.find((one) => one.location === 'cd.iso')?.readOnly).toBe(true);
    expect(await storage(1).space(UUID)).toEqual({ physicalSize: 1000 * MIB, physicalUtilisation });
    expect(
      storage()
        .drivers()
        .some(({ type }) => type === 'cephfs'),
    ).toBe(true);
    await reopen();
  }
});

it('does not count twice what a copy shares with its origin', async () => {
  const disk = volume();
  await world.adoption.sr(sr(), 1000 * MIB, undefined);
  await world.adoption.volume(UUID, disk);
  await storage().attach(sr());
  const copy = await storage().snapshotVolume({ sr: UUID, location: disk.location }, newUuid());
  expect(copy.physicalUtilisation).toBe(0);
  expect((await storage().space(UUID)).physicalUtilisation).toBe(60 * MIB);
});

it('serves a known kind at a place that no new SR could have, on its host alone', async () => {
  const spec = sr({ type: 'lvm', deviceConfig: new Map(), shared: false });
  await world.adoption.sr(spec, 1000 * MIB, world.hosts[1]?.facts.uuid);
  await storage(1).attach(spec);
  await expect(storage(0).attach(spec)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
  await expect(storage(0).createSr({ ...spec, uuid: newUuid() }, 0)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_90' });
});

it('makes memory images that can be resumed', async () => {
  const text = new Map<string, string>();
  const domain: DomainSpec = {
    uuid: UUID,
    name: '',
    description: '',
    vcpus: { max: 1, online: 1, params: text },
    memory: { staticMax: 64 * MIB, dynamicMax: 64 * MIB, dynamicMin: 64 * MIB, target: 64 * MIB },
    boot: { kind: 'hvm', params: text },
    platform: text,
    guestData: text,
    disks: [],
    nics: [],
    after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
  };
  const image = volume({ readOnly: true, memoryOf: { domain: UUID, memory: 64 * MIB } });
  await world.adoption.sr(sr(), 1000 * MIB, undefined);
  await world.adoption.volume(UUID, image);
  await storage().attach(sr());
  await world.hosts[0]?.compute.resume(domain, { sr: UUID, location: image.location }, false, recordedWatch());
  expect(await world.hosts[0]?.compute.list()).toMatchObject([{ uuid: UUID, power: 'Running', memory: 64 * MIB }]);
  await reopen();
  expect(await world.hosts[0]?.compute.list()).toMatchObject([{ uuid: UUID, power: 'Running' }]);
});
