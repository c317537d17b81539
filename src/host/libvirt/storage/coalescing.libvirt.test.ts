import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { recordedWatch } from '../../contract/watch.js';
import type { VolumeAddress } from '../../storage.js';
import { bareDisk, bareDomain } from '../compute/testing/bare-domain.js';
import { removeDomains } from '../compute/testing/open-compute.js';
import { guestWrite, type LiveSr, newFileSr, openLiveSr } from './testing/live-sr.js';

const MIB = 2 ** 20;
const SIZE = 64 * MIB;

/** One with ten snapshots takes minutes where the machine does other things too. */
describe('layers of the disks of real domains', { timeout: 300_000 }, () => {
  let host: LabHost;
  let live: LiveSr;

  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    live = await openLiveSr(host, await newFileSr(host.shared));
  });
  afterEach(async () => {
    await removeDomains(host);
    await live.close();
  });

  const images = async (): Promise<readonly string[]> =>
    (await readdir(join(live.location, live.sr.uuid))).filter((name) => name.endsWith('.qcow2'));
  const content = (volume: VolumeAddress): Promise<readonly number[]> => live.content(volume, 12);

  it('are one again when its snapshots are gone, while the guest runs, and after it', async () => {
    const { storage, compute } = live;
    const volume = await live.make(SIZE);
    const disk = bareDisk(volume);
    const domain = bareDomain({ disks: [disk] });
    const write = (mib: number, byte: number): Promise<void> => guestWrite(host.uri, domain.uuid, disk.vbd, mib, byte);
    await compute.start(domain, false, recordedWatch());
    const snapshots: VolumeAddress[] = [];
    for (let n = 0; n < 10; n++) {
      await write(n, n + 1);
      snapshots.push(await live.snapshot(volume));
    }
    expect(await images()).toHaveLength(11);
    const [first = volume] = snapshots;
    for (const snapshot of snapshots.slice(1)) await storage.destroyVolume(snapshot);
    await live.settled(2);
    await live.check();
    expect(await content(first)).toEqual([1, ...Array<number>(11).fill(0)]);
    await storage.destroyVolume(first);
    await live.settled(1);
    await write(11, 99);
    const { path } = await storage.source(volume);
    expect(await host.virsh('domblklist', domain.uuid)).toContain(path);
    expect(await host.virsh('domblklist', domain.uuid, '--inactive')).toContain(path);
    expect(storage.locate(path)).toEqual(volume);
    expect(compute.liveDisks.user(path)).toBe(domain.uuid);
    expect(await host.virsh('domstate', domain.uuid)).toBe('running');
    await compute.hardShutdown(domain.uuid);
    expect(await content(volume)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 99]);
    await live.check();
    await compute.start(domain, false, recordedWatch());
    expect(live.warnings).toEqual([]);
  });

  it('are one again where nobody uses the disk, and free their space', async () => {
    const { storage } = live;
    const volume = await live.make(SIZE);
    const write = async (mib: number, byte: number): Promise<void> => {
      const stream = await storage.write(volume, mib * MIB);
      stream.end(Buffer.alloc(MIB, byte));
      await finished(stream);
    };
    const snapshots: VolumeAddress[] = [];
    for (let n = 0; n < 4; n++) {
      await write(n, n + 1);
      await write(11, n + 1);
      snapshots.push(await live.snapshot(volume));
    }
    await storage.resizeVolume(volume, 2 * SIZE);
    const [, , , last = volume] = snapshots;
    const clone = await storage.cloneVolume(last, '5c9b2f5e-0c52-4c38-9a3f-1f1b7f6f6c11');
    const cloned = { sr: live.sr.uuid, location: clone.location };
    const before = [await content(volume), await content(cloned)];
    for (const snapshot of snapshots) await storage.destroyVolume(snapshot);
    // A base for the disk and its clone, and each of them.
    await live.settled(3);
    expect([await content(volume), await content(cloned)]).toEqual(before);
    await storage.destroyVolume(cloned);
    await live.settled(1);
    expect(await content(volume)).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 4]);
    const [found] = await storage.scan(live.sr.uuid);
    expect(found?.virtualSize).toBe(2 * SIZE);
    expect(found?.physicalUtilisation).toBeLessThan(6 * MIB);
    await live.check();
  });

  it('give way to what else is done with the domain, and lose nothing of what is written meanwhile', async () => {
    const { storage, compute } = live;
    const volume = await live.make(SIZE);
    const disk = bareDisk(volume);
    const domain = bareDomain({ disks: [disk] });
    await compute.start(domain, false, recordedWatch());
    const expected = Array<number>(12).fill(0);
    for (let round = 1; round <= 8; round++) {
      const snapshot = await live.snapshot(volume);
      await guestWrite(host.uri, domain.uuid, disk.vbd, round % 12, round);
      expected[round % 12] = round;
      await storage.destroyVolume(snapshot);
      await new Promise((resolve) => setTimeout(resolve, 100 * round));
      if (round === 6) await storage.resizeVolume(volume, SIZE + MIB);
    }
    const second = bareDisk(await live.make(SIZE), { position: 1 });
    await compute.attachDisk(domain.uuid, second);
    // There is no system in the domain that would let go of it.
    const detached = compute.detachDisk(domain.uuid, disk.vbd, true).catch(() => undefined);
    await live.settled(2);
    await compute.hardShutdown(domain.uuid);
    await detached;
    expect(await content(volume)).toEqual(expected);
    await live.check();
  });
});
