import { randomBytes } from 'node:crypto';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage, Volume, VolumeAddress } from '../storage.js';
import type { Extent, VolumeAccess, VolumeContent } from '../volume-content.js';
import { MIB, StorageBench, type StorageFixture } from './storage-fixture.js';

/** Bytes that storages may take for one when they tell where something is. */
const GRAIN = 65_536;

/** Whether the parts are in order, apart and not empty, cover the bytes given, and are not much more than those. */
function expectCover(extents: readonly Extent[], expected: readonly Extent[], size: number): void {
  let end = -1;
  for (const extent of extents) {
    expect(extent.offset).toBeGreaterThan(end);
    expect(extent.length).toBeGreaterThan(0);
    end = extent.offset + extent.length;
  }
  expect(end).toBeLessThanOrEqual(size);
  const covers = ({ offset, length }: Extent, part: Extent): boolean =>
    offset <= part.offset && offset + length >= part.offset + part.length;
  for (const part of expected) expect(extents.some((extent) => covers(extent, part))).toBe(true);
  for (const { offset, length } of extents) {
    for (let at = offset; at < offset + length; at += GRAIN) {
      const near = { offset: at - GRAIN, length: 3 * GRAIN };
      expect(expected.some((part) => part.offset < near.offset + near.length && part.offset + part.length > near.offset)).toBe(
        true,
      );
    }
  }
}

/** What every storage must do with volumes that are open. */
export function describeVolumeContent(name: string, makeFixture: () => Promise<StorageFixture>): void {
  describe(`open volumes of storage: ${name}`, () => {
    let fixture: StorageFixture;
    let storage: Storage;
    let bench: StorageBench;

    beforeEach(async () => {
      fixture = await makeFixture();
      bench = await StorageBench.open(fixture);
      storage = fixture.storage;
    });
    afterEach(() => fixture.close());

    const open = (volume: Volume, access: VolumeAccess = 'write'): Promise<VolumeContent> => storage.open(at(volume), access);
    const make = (size?: number): Promise<Volume> => bench.make(size);
    const at = (volume: Volume): VolumeAddress => bench.at(volume);
    const write = (volume: VolumeAddress, bytes: Buffer, offset?: number): Promise<void> => bench.write(volume, bytes, offset);
    const read = (volume: VolumeAddress, offset?: number): Promise<Buffer> => bench.read(volume, offset);

    it('are read and written anywhere, with much under way at once', async () => {
      const volume = await make(8 * MIB);
      const content = await open(volume);
      expect(content.size).toBe(8 * MIB);
      const bytes = randomBytes(6 * MIB);
      const offsets = Array.from({ length: 60 }, (_, index) => index * 100_000);
      await Promise.all(
        offsets.toReversed().map((offset) => content.write(MIB + offset, bytes.subarray(offset, offset + 100_000))),
      );
      const found = await Promise.all(offsets.map((offset) => content.read(MIB + offset, 100_000)));
      expect(Buffer.concat(found).equals(bytes.subarray(0, 6_000_000))).toBe(true);
      expect((await content.read(MIB - 10, 20)).equals(Buffer.concat([Buffer.alloc(10), bytes.subarray(0, 10)]))).toBe(true);
      expect(await content.read(5, 0)).toHaveLength(0);
      await content.close();
      expect((await read(at(volume), MIB)).subarray(0, 6_000_000).equals(bytes.subarray(0, 6_000_000))).toBe(true);
    });

    it('tell where something is', async () => {
      const volume = await make(900 * MIB);
      const content = await open(volume);
      expect(await content.extents()).toEqual([]);
      const parts = [0, 3 * MIB, 500 * MIB, 900 * MIB - 65_536].map((offset) => ({ offset, length: 65_536 }));
      for (const { offset, length } of parts) await content.write(offset, randomBytes(length));
      expectCover(await content.extents(), parts, content.size);
      await content.close();
      const again = await open(await storage.snapshotVolume(at(volume), newUuid()), 'read');
      expectCover(await again.extents(), parts, again.size);
      await again.close();
    });

    it('have parts made zeros, over those of a snapshot too', async () => {
      const volume = await make();
      await write(at(volume), Buffer.alloc(2 * MIB, 7));
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      const content = await open(volume);
      await content.zero(100_000, MIB);
      await content.zero(3 * MIB, MIB);
      await content.close();
      const expected = Buffer.alloc(4 * MIB)
        .fill(7, 0, 2 * MIB)
        .fill(0, 100_000, 100_000 + MIB);
      expect((await read(at(volume))).equals(expected)).toBe(true);
      expect((await read(at(snapshot))).subarray(0, 2 * MIB).equals(Buffer.alloc(2 * MIB, 7))).toBe(true);
    });

    it('are refused to a second writer, and to any writer when read-only', async () => {
      const volume = await make();
      const content = await open(volume);
      await expect(open(volume)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
      await content.close();
      await content.close();
      await (await open(volume)).close();
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      await expect(open(snapshot)).rejects.toMatchObject({ code: 'VDI_READONLY' });
      const reader = await open(snapshot, 'read');
      await expect(reader.write(0, Buffer.alloc(10))).rejects.toMatchObject({ code: 'VDI_IO_ERROR' });
      await expect(reader.zero(0, 10)).rejects.toMatchObject({ code: 'VDI_IO_ERROR' });
      await reader.close();
      await expect(reader.read(0, 1)).rejects.toMatchObject({ code: 'VDI_IO_ERROR' });
      await storage.destroyVolume(at(volume));
      await expect(open(volume, 'read')).rejects.toMatchObject({ code: 'VDI_MISSING' });
    });

    it('refuse what lies outside of the volume', async () => {
      const volume = await make(MIB);
      const content = await open(volume);
      const refused = { code: 'VDI_IO_ERROR' };
      for (const [offset, length] of [
        [MIB - 5, 6],
        [MIB, 1],
        [-1, 2],
        [Number.NaN, 1],
      ] as const) {
        await expect(content.read(offset, length)).rejects.toMatchObject(refused);
        await expect(content.write(offset, Buffer.alloc(length))).rejects.toMatchObject(refused);
        await expect(content.zero(offset, length)).rejects.toMatchObject(refused);
      }
      await content.close();
    });

    it('get new content all at once', async () => {
      const volume = await make();
      await write(at(volume), Buffer.alloc(4 * MIB, 7));
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      await write(at(volume), Buffer.alloc(1000, 8));
      const content = await storage.rewrite(at(volume));
      expect(content.size).toBe(4 * MIB);
      expect(await content.extents()).toEqual([]);
      await expect(open(volume)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
      await content.write(MIB, Buffer.alloc(1000, 9));
      expect((await content.read(MIB - 1, 3)).equals(Buffer.from([0, 9, 9]))).toBe(true);
      expect(await storage.scan(fixture.sr.uuid)).toHaveLength(2);
      await content.close();
      await content.abandon();
      expect((await read(at(volume))).equals(Buffer.alloc(4 * MIB).fill(9, MIB, MIB + 1000))).toBe(true);
      expect((await read(at(snapshot))).equals(Buffer.alloc(4 * MIB, 7))).toBe(true);
      const other = await storage.rewrite(at(volume));
      await other.write(0, Buffer.alloc(4 * MIB, 1));
      await other.abandon();
      await other.close();
      expect((await read(at(volume))).equals(Buffer.alloc(4 * MIB).fill(9, MIB, MIB + 1000))).toBe(true);
      await (await open(volume)).close();
      await expect(storage.rewrite(at(snapshot))).rejects.toMatchObject({ code: 'VDI_READONLY' });
    });

    it('tell what has changed since a snapshot, and between snapshots', async () => {
      const volume = await make(16 * MIB);
      await write(at(volume), Buffer.alloc(8 * MIB, 1));
      const first = await storage.snapshotVolume(at(volume), newUuid());
      await write(at(volume), Buffer.alloc(65_536, 2), 2 * MIB);
      const second = await storage.snapshotVolume(at(volume), newUuid());
      await write(at(volume), Buffer.alloc(65_536, 3), 12 * MIB);
      const [early, late] = [2 * MIB, 12 * MIB].map((offset) => ({ offset, length: 65_536 }));
      if (early === undefined || late === undefined) throw new Error('two parts');
      expectCover(await storage.changes(at(second), at(first)), [early], 16 * MIB);
      expectCover(await storage.changes(at(volume), at(second)), [late], 16 * MIB);
      expectCover(await storage.changes(at(volume), at(first)), [early, late], 16 * MIB);
      expectCover(await storage.changes(at(first), at(volume)), [early, late], 16 * MIB);
      expect(await storage.changes(at(first), at(first))).toEqual([]);
    });

    it('tell what has changed behind the end that a base had, and all that is in either of two strangers', async () => {
      const volume = await make(4 * MIB);
      await write(at(volume), Buffer.alloc(65_536, 1));
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      await storage.resizeVolume(at(volume), 8 * MIB);
      await write(at(volume), Buffer.alloc(65_536, 1), 6 * MIB);
      const behind = { offset: 6 * MIB, length: 65_536 };
      expectCover(await storage.changes(at(volume), at(snapshot)), [behind], 8 * MIB);
      expect(await storage.changes(at(snapshot), at(volume))).toEqual([]);
      const stranger = await make(16 * MIB);
      await write(at(stranger), Buffer.alloc(65_536, 1), 10 * MIB);
      await write(at(stranger), Buffer.alloc(65_536, 1), 3 * MIB);
      const parts = [0, 3 * MIB, 6 * MIB].map((offset) => ({ offset, length: 65_536 }));
      expectCover(await storage.changes(at(volume), at(stranger)), parts, 8 * MIB);
    });
  });
}
