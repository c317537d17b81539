import { randomBytes } from 'node:crypto';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage, Volume, VolumeAddress } from '../storage.js';
import { MIB, newVolume, StorageBench, type StorageFixture } from './storage-fixture.js';
import { describeVolumeContent } from './volume-content.contract.js';
import { recordedWatch } from './watch.js';

export type { StorageFixture } from './storage-fixture.js';

/** What every storage must do. */
export function describeStorage(name: string, makeFixture: () => Promise<StorageFixture>): void {
  describe(`storage contract: ${name}`, () => {
    let fixture: StorageFixture;
    let storage: Storage;
    let sr: string;
    let bench: StorageBench;

    beforeEach(async () => {
      fixture = await makeFixture();
      bench = await StorageBench.open(fixture);
      storage = fixture.storage;
      sr = fixture.sr.uuid;
    });
    afterEach(() => fixture.close());

    const make = (size?: number): Promise<Volume> => bench.make(size);
    const at = (volume: Volume): VolumeAddress => bench.at(volume);
    const write = (volume: VolumeAddress, bytes: Buffer, offset?: number): Promise<void> => bench.write(volume, bytes, offset);
    const read = (volume: VolumeAddress, offset?: number): Promise<Buffer> => bench.read(volume, offset);

    it('tells its drivers, among them that of the SR', () => {
      expect(storage.drivers().map(({ type }) => type)).toContain(fixture.sr.type);
    });

    it('refuses a type that it does not know', async () => {
      const strange = { ...fixture.sr, uuid: newUuid(), type: 'no-such-type' };
      await expect(storage.createSr(strange, 0)).rejects.toMatchObject({ code: 'SR_UNKNOWN_DRIVER', params: ['no-such-type'] });
      await expect(storage.probe('no-such-type', new Map(), new Map())).rejects.toMatchObject({ code: 'SR_UNKNOWN_DRIVER' });
    });

    it('refuses everything on an SR that is not attached', async () => {
      const volume = await make();
      await storage.detach(sr);
      const refused = { code: 'SR_NOT_ATTACHED', params: [sr] };
      await expect(storage.scan(sr)).rejects.toMatchObject(refused);
      await expect(storage.createVolume(sr, newVolume())).rejects.toMatchObject(refused);
      await expect(storage.read(at(volume))).rejects.toMatchObject(refused);
      await storage.attach(fixture.sr);
      expect(await storage.scan(sr)).toHaveLength(1);
    });

    it('does not make an SR twice', async () => {
      await expect(storage.createSr(fixture.sr, 0)).rejects.toMatchObject({ code: 'SR_UUID_EXISTS' });
    });

    it('makes, finds and destroys volumes', async () => {
      const first = await make();
      const second = await make();
      expect(first).toMatchObject({ virtualSize: 4 * MIB, readOnly: false, name: 'disk', description: 'of a test' });
      expect(first.smConfig.get('k')).toBe('v');
      expect((await storage.scan(sr)).map(({ uuid }) => uuid).sort()).toEqual([first.uuid, second.uuid].sort());
      await storage.destroyVolume(at(first));
      expect((await storage.scan(sr)).map(({ uuid }) => uuid)).toEqual([second.uuid]);
      await expect(storage.destroyVolume(at(first))).rejects.toMatchObject({ code: 'VDI_MISSING' });
      await expect(storage.read(at(first))).rejects.toMatchObject({ code: 'VDI_MISSING' });
    });

    it('keeps how volumes are called, and goes on when others look at the SR', async () => {
      const volume = await make();
      const label = { name: 'another name', description: 'and what it is for', properties: new Map([['k', 'Ä"\n']]) };
      await storage.labelVolume(at(volume), label);
      await storage.detach(sr);
      await storage.attach(fixture.sr);
      expect(await storage.scan(sr)).toEqual([{ ...volume, ...label }]);
      await expect(storage.labelVolume({ sr, location: newUuid() }, label)).rejects.toMatchObject({ code: 'VDI_MISSING' });
    });

    it('tells what volumes take without a scan', async () => {
      const volume = await make();
      await write(at(volume), randomBytes(2 * MIB));
      const now = await storage.utilisations(sr);
      expect(now.get(volume.location)).toBeGreaterThanOrEqual(2 * MIB);
      const [scanned] = await storage.scan(sr);
      expect(now).toEqual(new Map([[volume.location, scanned?.physicalUtilisation]]));
    });

    it('does not make a volume twice', async () => {
      const { uuid } = await make();
      await expect(storage.createVolume(sr, { ...newVolume(), uuid })).rejects.toThrow();
    });

    it('reads zeros from a new volume and what was written afterwards', async () => {
      const volume = await make();
      expect((await read(at(volume))).equals(Buffer.alloc(4 * MIB))).toBe(true);
      const bytes = randomBytes(3 * 65536 + 17);
      await write(at(volume), bytes, 65536 + 5);
      const whole = await read(at(volume));
      expect(whole).toHaveLength(4 * MIB);
      expect(whole.subarray(65536 + 5, 65536 + 5 + bytes.length).equals(bytes)).toBe(true);
      expect(whole.subarray(0, 65536 + 5).every((byte) => byte === 0)).toBe(true);
      expect((await read(at(volume), 65536 + 5)).subarray(0, bytes.length).equals(bytes)).toBe(true);
    });

    it('writes over what is there, with zeros too', async () => {
      const volume = await make();
      await write(at(volume), Buffer.alloc(2 * MIB, 7));
      await write(at(volume), Buffer.alloc(MIB), 100_000);
      const expected = Buffer.alloc(4 * MIB)
        .fill(7, 0, 2 * MIB)
        .fill(0, 100_000, 100_000 + MIB);
      expect((await read(at(volume))).equals(expected)).toBe(true);
    });

    it('refuses to write behind the end of a volume', async () => {
      const volume = await make(MIB);
      await expect(write(at(volume), Buffer.alloc(10, 1), MIB - 5)).rejects.toThrow();
    });

    it('takes sizes that are no multiple of anything', async () => {
      const volume = await make(100_000);
      // A real disk consists of sectors; what was asked for fits in any case.
      expect(volume.virtualSize).toBeGreaterThanOrEqual(100_000);
      expect(volume.virtualSize).toBeLessThan(100_000 + 512);
      const bytes = randomBytes(100_000);
      await write(at(volume), bytes);
      const whole = await read(at(volume));
      expect(whole).toHaveLength(volume.virtualSize);
      expect(whole.subarray(0, bytes.length).equals(bytes)).toBe(true);
      expect(whole.subarray(bytes.length).every((byte) => byte === 0)).toBe(true);
    });

    it('keeps a snapshot as it was, read-only, while the volume changes', async () => {
      const volume = await make();
      const before = randomBytes(MIB);
      await write(at(volume), before);
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      expect(snapshot).toMatchObject({ readOnly: true, virtualSize: 4 * MIB });
      await write(at(volume), Buffer.from('changed'), 100);
      await write(at(volume), Buffer.alloc(65536), 131072);
      expect((await read(at(snapshot))).subarray(0, MIB).equals(before)).toBe(true);
      const expected = Buffer.from(before);
      Buffer.from('changed').copy(expected, 100);
      expected.fill(0, 131072, 131072 + 65536);
      expect((await read(at(volume))).subarray(0, MIB).equals(expected)).toBe(true);
      await expect(storage.write(at(snapshot))).rejects.toMatchObject({ code: 'VDI_READONLY' });
    });

    it('gives clones a life of their own', async () => {
      const volume = await make();
      await write(at(volume), Buffer.alloc(MIB, 1));
      await storage.labelVolume(at(volume), { name: 'one', description: '', properties: new Map([['of', 'the first']]) });
      const clone = await storage.cloneVolume(at(volume), newUuid(), new Map([['of', 'the second']]));
      expect(clone).toMatchObject({ readOnly: false, name: 'one', properties: new Map([['of', 'the second']]) });
      await write(at(clone), Buffer.alloc(1000, 2));
      await write(at(volume), Buffer.alloc(1000, 3), 2000);
      const original = await read(at(volume));
      const copy = await read(at(clone));
      expect([original[0], original[2000], original[MIB - 1]]).toEqual([1, 3, 1]);
      expect([copy[0], copy[2000], copy[MIB - 1]]).toEqual([2, 1, 1]);
    });

    it('keeps content whatever of a family is destroyed, in whatever order', async () => {
      const volume = await make(MIB);
      const family: Volume[] = [volume];
      const contents: Buffer[] = [];
      for (let generation = 0; generation < 4; generation++) {
        await write(at(volume), Buffer.alloc(100_000, generation + 1), generation * 150_000);
        const snapshot = await storage.snapshotVolume(at(volume), newUuid());
        family.push(snapshot, await storage.cloneVolume(at(snapshot), newUuid()));
      }
      for (const one of family) contents.push(await read(at(one)));
      while (family.length > 0) {
        const victim = (family.length * 7) % family.length === 0 ? Math.floor(family.length / 2) : 0;
        const [gone] = family.splice(victim, 1);
        contents.splice(victim, 1);
        if (gone !== undefined) await storage.destroyVolume(at(gone));
        for (const [index, one] of family.entries())
          expect((await read(at(one))).equals(contents[index] ?? Buffer.alloc(0))).toBe(true);
      }
      expect(await storage.scan(sr)).toEqual([]);
    });

    it('reverts a volume to a snapshot and keeps the snapshot', async () => {
      const volume = await make();
      await write(at(volume), Buffer.from('old'));
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      await write(at(volume), Buffer.from('new'));
      const reverted = await storage.revertVolume(at(volume), at(snapshot));
      expect(reverted.uuid).toBe(volume.uuid);
      expect((await read(at(volume))).subarray(0, 3).toString()).toBe('old');
      await write(at(volume), Buffer.from('own'));
      expect((await read(at(snapshot))).subarray(0, 3).toString()).toBe('old');
    });

    it('grows a volume with zeros and refuses to shrink it', async () => {
      const volume = await make(MIB);
      await write(at(volume), Buffer.alloc(MIB, 5));
      const snapshot = await storage.snapshotVolume(at(volume), newUuid());
      const grown = await storage.resizeVolume(at(volume), 3 * MIB);
      expect(grown.virtualSize).toBe(3 * MIB);
      const whole = await read(at(volume));
      expect([whole.length, whole[MIB - 1], whole[MIB], whole[3 * MIB - 1]]).toEqual([3 * MIB, 5, 0, 0]);
      await write(at(volume), Buffer.from([9]), 3 * MIB - 1);
      expect((await read(at(volume)))[3 * MIB - 1]).toBe(9);
      expect(await read(at(snapshot))).toHaveLength(MIB);
      await expect(storage.resizeVolume(at(volume), MIB)).rejects.toMatchObject({ code: 'VDI_TOO_SMALL' });
    });

    it('copies a volume with its whole chain and reports progress', async () => {
      const volume = await make();
      await write(at(volume), Buffer.alloc(MIB, 1));
      await storage.snapshotVolume(at(volume), newUuid());
      await write(at(volume), Buffer.alloc(MIB, 2), 2 * MIB);
      const watch = recordedWatch();
      const copy = await storage.copyVolume(at(volume), sr, newVolume(5 * MIB), watch);
      expect(copy).toMatchObject({ virtualSize: 5 * MIB, readOnly: false });
      const whole = await read(at(copy));
      expect([whole[0], whole[MIB], whole[2 * MIB], whole[4 * MIB]]).toEqual([1, 0, 2, 0]);
      expect(watch.shares.at(-1)).toBe(1);
      expect([...watch.shares].sort((a, b) => a - b)).toEqual(watch.shares);
    });

    it('leaves nothing of a copy that was cancelled', async () => {
      const volume = await make();
      await write(at(volume), randomBytes(4 * MIB));
      const watch = recordedWatch();
      watch.cancel();
      await expect(storage.copyVolume(at(volume), sr, newVolume(), watch)).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      expect(await storage.scan(sr)).toHaveLength(1);
    });

    it('copies into a volume, zeros included, and leaves what lies behind', async () => {
      const from = await make(2 * MIB);
      await write(at(from), Buffer.alloc(1000, 1));
      const into = await make(3 * MIB);
      await write(at(into), Buffer.alloc(3 * MIB, 9));
      await storage.copyInto(at(from), at(into), recordedWatch());
      const whole = await read(at(into));
      expect([whole[0], whole[999], whole[1000], whole[2 * MIB - 1], whole[2 * MIB]]).toEqual([1, 1, 0, 0, 9]);
      await expect(storage.copyInto(at(into), at(from), recordedWatch())).rejects.toMatchObject({ code: 'VDI_TOO_SMALL' });
    });

    it('tells of space that grows with content', async () => {
      const { physicalSize, physicalUtilisation } = await storage.space(sr);
      expect(physicalSize).toBeGreaterThanOrEqual(1024 * MIB);
      const volume = await make();
      await write(at(volume), randomBytes(2 * MIB));
      const after = await storage.space(sr);
      expect(after.physicalUtilisation - physicalUtilisation).toBeGreaterThanOrEqual(2 * MIB);
      expect(after.physicalUtilisation).toBeLessThan(after.physicalSize);
    });

    it('removes an SR with everything in it', async () => {
      await make();
      await storage.detach(sr);
      await storage.destroySr(fixture.sr);
      await storage.createSr(fixture.sr, 1024 * MIB);
      await storage.attach(fixture.sr);
      expect(await storage.scan(sr)).toEqual([]);
    });
  });
  describeVolumeContent(name, makeFixture);
}
