import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Volume } from '../../../storage.js';
import type { LibvirtStorage } from '../libvirt-storage.js';
import { AT_ONCE } from '../testing/killed-work.js';
import { type LvmLab, lvmLab } from './testing/lvm-lab.js';

const MIB = 2 ** 20;

let lab: LvmLab;
let storage: LibvirtStorage;
let sr: string;
beforeEach(async () => {
  lab = await lvmLab();
  storage = lab.restarted(AT_ONCE);
  sr = lab.sr.uuid;
  await storage.createSr(lab.sr, 0);
  await storage.attach(lab.sr);
});
afterEach(async () => {
  await storage.rest();
  await lab.remove();
});

const make = (virtualSize: number, smConfig: Readonly<Record<string, string>> = {}): Promise<Volume> =>
  storage.createVolume(sr, {
    uuid: newUuid(),
    virtualSize,
    name: 'disk',
    description: '',
    smConfig: new Map(Object.entries(smConfig)),
  });
const at = ({ location }: Volume) => ({ sr, location });
const write = async (volume: Volume, mib: number, byte: number, length = 1): Promise<void> => {
  const stream = await storage.write(at(volume), mib * MIB);
  stream.end(Buffer.alloc(length * MIB, byte));
  await finished(stream);
};
/** The byte that each MiB of a disk has. */
const content = async (volume: Volume, from = storage): Promise<readonly number[]> => {
  const bytes = await buffer(await from.read(at(volume)));
  return Array.from({ length: bytes.length / MIB }, (_, mib) => bytes[mib * MIB] ?? -1);
};
const settled = (volumes: number): Promise<void> =>
  expect
    .poll(async () => ({ volumes: (await lab.sizes()).size, warnings: lab.warnings }), { timeout: 60_000, interval: 200 })
    .toEqual({ volumes, warnings: [] });

describe('layers in volumes', () => {
  it('are one again when snapshots are gone, with the room that they need', async () => {
    const disk = await make(32 * MIB);
    const snapshots: Volume[] = [];
    for (let n = 0; n < 3; n++) {
      await write(disk, n * 6, n + 1, 6);
      snapshots.push(await storage.snapshotVolume(at(disk), newUuid()));
    }
    await write(disk, 20, 9, 6);
    await storage.resizeVolume(at(disk), 40 * MIB);
    const before = await content(disk);
    expect(before).toHaveLength(40);
    for (const snapshot of snapshots) await storage.destroyVolume(at(snapshot));
    await settled(1);
    expect(await content(disk)).toEqual(before);
    const [only] = [...(await lab.sizes()).values()];
    // 24 MiB of data, what is needed besides, and one step of growth.
    expect(only?.size).toBeGreaterThan(24 * MIB);
    expect(only?.size).toBeLessThanOrEqual(40 * MIB);
    const other = lab.restarted();
    await other.attach(lab.sr);
    expect(await other.scan(sr)).toMatchObject([{ location: disk.location, virtualSize: 40 * MIB }]);
    expect(await content(disk, other)).toEqual(before);
  });

  it('below snapshots and clones are put together, and those are put on them', async () => {
    const disk = await make(8 * MIB);
    await write(disk, 0, 1);
    const first = await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, 1, 2);
    const second = await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, 2, 3);
    const clone = await storage.cloneVolume(at(second), newUuid());
    await write(clone, 3, 4);
    const before = await Promise.all([disk, second, clone].map((volume) => content(volume)));
    await storage.destroyVolume(at(first));
    await settled(3);
    const other = lab.restarted();
    await other.attach(lab.sr);
    for (const [index, volume] of [disk, second, clone].entries()) expect(await content(volume, other)).toEqual(before[index]);
  });

  it('of plain bytes take back what was written above them', async () => {
    const disk = await make(8 * MIB, { type: 'raw' });
    await write(disk, 0, 1);
    const snapshot = await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, 1, 2);
    await storage.destroyVolume(at(snapshot));
    await settled(1);
    expect(await content(disk)).toEqual([1, 2, 0, 0, 0, 0, 0, 0]);
    expect((await storage.source(at(disk))).format).toBe('raw');
  });

  it('wait where the group has no room for both', { timeout: 180_000 }, async () => {
    const disk = await make(32 * MIB);
    await write(disk, 0, 1, 16);
    const snapshot = await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, 0, 2, 16);
    await write(disk, 16, 3, 10);
    const [group = ''] = (await lab.run(['vgs', '--noheadings', '-o', 'vg_name'])).trim().split('\n');
    await lab.run(['lvcreate', '--yes', '-Zn', '-Wn', '-l', '100%FREE', '-n', 'theirs', group.trim()]);
    await storage.scan(sr);
    const before = await content(disk);
    await storage.destroyVolume(at(snapshot));
    await expect.poll(() => lab.warnings.length, { timeout: 30_000 }).toBe(1);
    expect(await content(disk)).toEqual(before);
    await lab.run(['lvremove', '--yes', `${group.trim()}/theirs`]);
    lab.warnings.length = 0;
    await storage.scan(sr);
    await settled(1);
    expect(await content(disk)).toEqual(before);
  });
});
