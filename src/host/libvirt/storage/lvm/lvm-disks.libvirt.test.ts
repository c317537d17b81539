import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execute } from '../../../../../test-support/libvirt/execute.js';
import type { Volume } from '../../../storage.js';
import type { LibvirtStorage } from '../libvirt-storage.js';
import { diskName, groupNameOf } from './names.js';
import { fullSize } from './room.js';
import { type LvmLab, lvmLab } from './testing/lvm-lab.js';
import { manyVolumes } from './testing/many-volumes.js';

const MIB = 2 ** 20;

let lab: LvmLab;
let storage: LibvirtStorage;
let sr: string;
beforeEach(async () => {
  lab = await lvmLab();
  storage = lab.storage;
  sr = lab.sr.uuid;
  await storage.createSr(lab.sr, 0);
  await storage.attach(lab.sr);
});
afterEach(() => lab.remove());

const make = (virtualSize: number, smConfig: Readonly<Record<string, string>> = {}): Promise<Volume> =>
  storage.createVolume(sr, {
    uuid: newUuid(),
    virtualSize,
    name: 'disk',
    description: 'of a test',
    smConfig: new Map(Object.entries(smConfig)),
  });
const at = ({ location }: Volume) => ({ sr, location });
const write = async (volume: Volume, bytes: Buffer, offset = 0): Promise<void> => {
  const stream = await storage.write(at(volume), offset);
  stream.end(bytes);
  await finished(stream);
};
const read = async (volume: Volume, from = storage): Promise<Buffer> => buffer(await from.read(at(volume)));
/** What the volumes of the SR have, by size. */
const sizes = async (): Promise<readonly number[]> =>
  Array.from((await lab.sizes()).values(), ({ size }) => size).sort((a, b) => a - b);

describe('the group of an SR', () => {
  it('tells everything to a host that sees it for the first time', async () => {
    const disk = await make(16 * MIB, { a: 'b' });
    await write(disk, Buffer.alloc(MIB, 1));
    const snapshot = await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, Buffer.alloc(MIB, 2));
    const clone = await storage.cloneVolume(at(snapshot), newUuid());
    await write(clone, Buffer.alloc(MIB, 3), MIB);
    const raw = await make(4 * MIB, { type: 'raw' });
    const before = await storage.scan(sr);
    const other = lab.restarted();
    await other.attach(lab.sr);
    const byUuid = (volumes: readonly Volume[]) => [...volumes].sort((a, b) => a.uuid.localeCompare(b.uuid));
    expect(byUuid(await other.scan(sr))).toEqual(byUuid(before));
    expect(before).toHaveLength(4);
    expect([(await read(disk, other))[0], (await read(snapshot, other))[0]]).toEqual([2, 1]);
    expect([(await read(clone, other))[0], (await read(clone, other))[MIB]]).toEqual([1, 3]);
    for (const volume of [snapshot, disk, raw, clone]) await other.destroyVolume(at(volume));
    expect(await sizes()).toEqual([]);
    const tags = await lab.run(['vgs', '--noheadings', '-o', 'vg_tags', groupNameOf(sr)]);
    expect(tags.trim()).toBe(`xenapi.sr.${sr}`);
  });

  it('is read with one command by a scan, however many volumes it has', { timeout: 300_000 }, async () => {
    const count = 2000;
    const large = await lvmLab(16_384 * MIB);
    try {
      await large.storage.createSr(large.sr, 0);
      await manyVolumes(large, count);
      await large.storage.attach(large.sr);
      const commands = large.commands.length;
      const start = performance.now();
      expect(await large.storage.scan(large.sr.uuid)).toHaveLength(count);
      // Two seconds are what is promised of a quiet machine.
      expect(performance.now() - start).toBeLessThan(10_000);
      expect(large.commands.slice(commands)).toEqual(['fullreport']);
    } finally {
      await large.remove();
    }
  });

  it('has changes of an operation in few commands', async () => {
    const disk = await make(16 * MIB);
    const commands = lab.commands.length;
    await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, Buffer.from('x'));
    const written = lab.commands.length;
    await storage.snapshotVolume(at(disk), newUuid());
    expect(lab.commands.slice(written)).toEqual(['vgchange', 'lvcreate', 'vgchange']);
    expect(written - commands).toBeLessThanOrEqual(6);
  });
});

describe('room', () => {
  it('is given to a disk as it fills, and what it does not need is taken back', async () => {
    const disk = await make(256 * MIB);
    expect(await sizes()).toEqual([8 * MIB]);
    const bytes = randomBytes(40 * MIB);
    await write(disk, bytes, 3 * MIB);
    await storage.scan(sr);
    const [size = 0] = await sizes();
    expect(size).toBeGreaterThanOrEqual(40 * MIB);
    expect(size).toBeLessThanOrEqual(56 * MIB);
    expect((await read(disk)).subarray(3 * MIB, 43 * MIB).equals(bytes)).toBe(true);
    // The same over again needs no more.
    await write(disk, bytes, 3 * MIB);
    await storage.scan(sr);
    expect(await sizes()).toEqual([size]);
    await storage.snapshotVolume(at(disk), newUuid());
    expect(await sizes()).toEqual([8 * MIB, size]);
  });

  it('is enough for a whole copy before it begins', async () => {
    const disk = await make(64 * MIB);
    await write(disk, randomBytes(30 * MIB));
    const target = { uuid: newUuid(), virtualSize: 64 * MIB, name: '', description: '', smConfig: new Map<string, string>() };
    const watch = { progress: () => undefined, signal: new AbortController().signal };
    const copy = await storage.copyVolume(at(disk), sr, target, watch);
    expect((await read(copy)).equals(await read(disk))).toBe(true);
    for (const { size, written } of (await lab.sizes()).values()) expect(written).toBeLessThanOrEqual(size);
  });

  it('is given to domains when they say that they need it', async () => {
    const disk = await make(64 * MIB);
    const { path } = await storage.source(at(disk));
    const { growing } = storage;
    expect(growing.threshold(path)).toBe(4 * MIB);
    await growing.extend(path, MIB);
    expect(await sizes()).toEqual([8 * MIB]);
    await growing.extend(path, 5 * MIB);
    expect(await sizes()).toEqual([16 * MIB]);
    expect(growing.threshold(path)).toBe(12 * MIB);
    await growing.extend(path, 63 * MIB);
    expect(growing.threshold(path)).toBeUndefined();
    expect((await sizes())[0]).toBeGreaterThanOrEqual(fullSize(64 * MIB));
    expect(growing.threshold('/dev/other')).toBeUndefined();
  });

  it('is all there at once where the SR is thick', async () => {
    await storage.detach(sr);
    await storage.attach({ ...lab.sr, smConfig: new Map([['allocation', 'thick']]) });
    const disk = await make(64 * MIB);
    const [size = 0] = await sizes();
    expect(size).toBeGreaterThanOrEqual(fullSize(64 * MIB));
    await write(disk, randomBytes(MIB));
    await storage.resizeVolume(at(disk), 100 * MIB);
    expect((await sizes())[0]).toBeGreaterThanOrEqual(fullSize(100 * MIB));
    expect(storage.growing.threshold((await storage.source(at(disk))).path)).toBeUndefined();
  });

  it('that the group has not is refused, and what was written stays', async () => {
    const disk = await make(64 * MIB);
    await write(disk, Buffer.alloc(MIB, 7));
    const { physicalSize, physicalUtilisation } = await storage.space(sr);
    await make(physicalSize - physicalUtilisation - 8 * MIB, { type: 'raw' });
    await expect(write(disk, randomBytes(60 * MIB))).rejects.toMatchObject({ code: 'SR_FULL' });
    await expect(make(16 * MIB, { type: 'raw' })).rejects.toMatchObject({ code: 'SR_FULL' });
    await expect(storage.growing.extend((await storage.source(at(disk))).path, 60 * MIB)).rejects.toMatchObject({
      code: 'SR_FULL',
    });
    expect(await storage.scan(sr)).toHaveLength(2);
    await write(disk, Buffer.alloc(MIB, 8));
    expect((await read(disk))[0]).toBe(8);
  });

  it('of a full image is what QEMU says, and more', async () => {
    for (const size of [MIB, 100 * MIB, 10 * 1024 * MIB, 2 ** 42]) {
      const text = await execute('qemu-img', ['measure', '--output=json', '-O', 'qcow2', '--size', String(size)]);
      const found: unknown = JSON.parse(text);
      const full =
        typeof found === 'object' && found !== null && 'fully-allocated' in found ? Number(found['fully-allocated']) : NaN;
      expect(fullSize(size)).toBeGreaterThanOrEqual(full);
      expect(fullSize(size)).toBeLessThan(full * 1.001 + 4 * MIB);
    }
  });
});

describe('disks of plain bytes', () => {
  it('show nothing of what lay there before, at first and when they grow', async () => {
    const disk = await make(4 * MIB, { type: 'raw' });
    const { path } = await storage.source(at(disk));
    expect((await readFile(path)).equals(Buffer.alloc(4 * MIB))).toBe(true);
    await write(disk, Buffer.alloc(4 * MIB, 5));
    const grown = await storage.resizeVolume(at(disk), 5 * MIB);
    expect(grown.virtualSize).toBe(8 * MIB);
    const expected = Buffer.concat([Buffer.alloc(4 * MIB, 5), Buffer.alloc(4 * MIB)]);
    expect((await read(disk)).equals(expected)).toBe(true);
    await storage.snapshotVolume(at(disk), newUuid());
    await write(disk, Buffer.from('new'));
    expect((await read(disk)).subarray(0, 4).toString()).toBe('new\u0005');
  });

  it('lose what a crash left of their growth', async () => {
    const disk = await make(4 * MIB, { type: 'raw' });
    const name = (await storage.source(at(disk))).path.split('/').at(-1) ?? '';
    await lab.run(['lvextend', '-L', '12m', `${groupNameOf(sr)}/${name}`]);
    const other = lab.restarted();
    await other.attach(lab.sr);
    await other.source(at(disk));
    expect(await sizes()).toEqual([4 * MIB]);
  });
});

describe('devices of volumes', () => {
  const active = async () => [...(await lab.paths.active(groupNameOf(sr)))];

  it('go when the SR is detached, but for those that somebody has open', async () => {
    const [used, unused] = [await make(4 * MIB), await make(4 * MIB)];
    await storage.source(at(unused));
    const reader = await storage.open(at(used), 'read');
    expect(await active()).toHaveLength(2);
    await storage.detach(sr);
    expect(await active()).toHaveLength(1);
    await reader.close();
    const other = lab.restarted();
    await other.attach(lab.sr);
    expect(await active()).toEqual([]);
    expect(await read(used, other)).toHaveLength(4 * MIB);
  });

  it('are what disks are found by', async () => {
    const disk = await make(4 * MIB);
    const { path } = await storage.source(at(disk));
    expect(storage.locate(path)).toEqual(at(disk));
    expect(storage.locate(`${path}x`)).toBeUndefined();
    expect(storage.locate(join(path, '..', diskName(newUuid())))).toBeUndefined();
  });
});

it('keeps the memory of a domain beside the disk that was made for it', async () => {
  const disk = await make(6 * MIB);
  const path = await storage.memoryImage(at(disk));
  expect((await readFile(path)).subarray(0, MIB).equals(Buffer.alloc(MIB))).toBe(true);
  const memory = randomBytes(5 * MIB);
  await writeFile(path, memory, { flag: 'r+' });
  const other = lab.restarted();
  await other.attach(lab.sr);
  expect(await other.memoryImage(at(disk))).toBe(path);
  const copy = await other.cloneVolume(at(disk), newUuid());
  expect((await readFile(await other.memoryImage(at(copy)))).subarray(0, 5 * MIB).equals(memory)).toBe(true);
  for (const volume of [disk, copy]) await other.destroyVolume(at(volume));
  expect(await lab.sizes()).toEqual(new Map());
});
