import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { recordedWatch } from '../../contract/watch.js';
import type { NewVolume, SrSpec, VolumeAddress } from '../../storage.js';
import { LibvirtStorage } from './libvirt-storage.js';
import { FakeLiveDisks } from './testing/fake-live-disks.js';
import { AT_ONCE } from './testing/killed-work.js';

const MIB = 2 ** 20;
/** Bytes of the file system of the SR. */
const SPACE = 24 * MIB;
/** Bytes of the disk, and MiB of it that have data. */
const SIZE = 32 * MIB;
const DATA = 8;
const FULL = { code: 'SR_FULL' };

let directory: string;
let location: string;
let sr: SrSpec;
let storage: LibvirtStorage;
let warnings: string[];
let disk: VolumeAddress;
let content: Buffer;

const newVolume = (): NewVolume => ({
  uuid: newUuid(),
  virtualSize: SIZE,
  name: '',
  description: '',
  smConfig: new Map(),
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'full-'));
  location = join(directory, 'disks');
  await mkdir(location);
  await execute('mount', ['-t', 'tmpfs', '-o', `size=${SPACE}`, 'tmpfs', location]);
  warnings = [];
  const live = new FakeLiveDisks();
  storage = new LibvirtStorage({
    live: () => live,
    warn: (_error, message) => void warnings.push(message),
    runDirectory: join(directory, 'run'),
    coalescing: AT_ONCE,
  });
  sr = {
    uuid: newUuid(),
    type: 'file',
    deviceConfig: new Map([['location', location]]),
    smConfig: new Map(),
    contentType: 'user',
    shared: false,
  };
  await storage.createSr(sr, 0);
  await storage.attach(sr);
  disk = { sr: sr.uuid, location: (await storage.createVolume(sr.uuid, newVolume())).location };
  content = Buffer.concat([randomBytes(DATA * MIB), Buffer.alloc(SIZE - DATA * MIB)]);
  const stream = await storage.write(disk);
  stream.end(content.subarray(0, DATA * MIB));
  await finished(stream);
});
afterEach(async () => {
  await storage.detach(sr.uuid);
  await execute('umount', [location]);
  await rm(directory, { recursive: true });
});

const files = async (): Promise<readonly string[]> => (await readdir(join(location, sr.uuid))).sort();
const volumes = async (): Promise<readonly string[]> => (await storage.scan(sr.uuid)).map((volume) => volume.location).sort();

/** Takes all space but so many bytes. Returns what gives it back. */
async function fill(left: number): Promise<() => Promise<void>> {
  const path = join(location, '.filler');
  const file = await open(path, 'w');
  try {
    const { physicalSize, physicalUtilisation } = await storage.space(sr.uuid);
    const bytes = physicalSize - physicalUtilisation - left;
    await file.write(Buffer.alloc(bytes, 1));
  } finally {
    await file.close();
  }
  return () => rm(path);
}

/** Everything is as it was before, and works again when there is space. */
async function unchanged(work: () => Promise<unknown>, left: number): Promise<void> {
  const before = [await files(), await volumes()];
  const empty = await fill(left);
  await expect(work()).rejects.toMatchObject(FULL);
  // The filler has a name that nobody takes for a disk.
  expect([await files(), await volumes()]).toEqual(before);
  await empty();
  expect(warnings).toEqual([]);
}

const isWhole = async (): Promise<boolean> => (await buffer(await storage.read(disk))).equals(content);

// A note, parts of an image, an image without the record of its disk.
it.each([0, 4096, 12_288])('undoes what there is no space for, where %i bytes are left', { timeout: 300_000 }, async (left) => {
  await unchanged(() => storage.snapshotVolume(disk, newUuid()), left);
  await unchanged(() => storage.cloneVolume(disk, newUuid()), left);
  await unchanged(() => storage.createVolume(sr.uuid, newVolume()), left);
  await storage.snapshotVolume(disk, newUuid());
  expect(await isWhole()).toBe(true);
});

it('undoes a copy and new content that do not fit', async () => {
  const left = 4 * MIB;
  await unchanged(() => storage.copyVolume(disk, sr.uuid, newVolume(), recordedWatch()), left);
  await unchanged(async () => {
    const fresh = await storage.rewrite(disk);
    try {
      for (let at = 0; at < DATA; at++) await fresh.write(at * MIB, randomBytes(MIB));
      await fresh.close();
    } catch (thrown) {
      await fresh.abandon();
      throw thrown;
    }
  }, left);
  expect(await isWhole()).toBe(true);
});

it('tells a stream that it does not fit, and keeps what was there', async () => {
  const empty = await fill(2 * MIB);
  const stream = await storage.write(disk, 16 * MIB);
  stream.end(randomBytes(6 * MIB));
  await expect(finished(stream)).rejects.toMatchObject(FULL);
  await empty();
  const found = await buffer(await storage.read(disk));
  expect(found.subarray(0, DATA * MIB).equals(content.subarray(0, DATA * MIB))).toBe(true);
});

it('leaves layers as they are that have no space to become one, until they have', async () => {
  const snapshot = await storage.snapshotVolume(disk, newUuid());
  const more = randomBytes(6 * MIB);
  const stream = await storage.write(disk, 16 * MIB);
  stream.end(more);
  await finished(stream);
  more.copy(content, 16 * MIB);
  const empty = await fill(2 * MIB);
  await storage.destroyVolume({ sr: sr.uuid, location: snapshot.location });
  await expect.poll(() => warnings.length, { timeout: 20_000 }).toBe(1);
  expect(await isWhole()).toBe(true);
  await empty();
  await expect.poll(async () => (await files()).filter((name) => name.endsWith('.qcow2')).length, { timeout: 20_000 }).toBe(1);
  expect(await isWhole()).toBe(true);
  const { path } = await storage.source(disk);
  await execute('qemu-img', ['check', '-q', '-f', 'qcow2', path]);
});
