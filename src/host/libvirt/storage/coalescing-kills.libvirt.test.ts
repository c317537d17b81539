import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import type { DomainSpec } from '../../compute.js';
import { eventually, recordedWatch } from '../../contract/watch.js';
import type { SrSpec, VolumeAddress } from '../../storage.js';
import { bareDisk, bareDomain } from '../compute/testing/bare-domain.js';
import { removeDomains } from '../compute/testing/open-compute.js';
import { killed, upTo } from './testing/killed-process.js';
import { guestWrite, type LiveSr, newFileSr, openLiveSr } from './testing/live-sr.js';

const MIB = 2 ** 20;
const SIZE = 64 * MIB;
/** From the beginning of a merge to the kill, in milliseconds: it is short, and hit at different steps. */
const MOMENTS = [120, 400, 800];

describe('layers of a running disk that are becoming one', { timeout: 400_000 }, () => {
  let host: LabHost;
  let sr: SrSpec;
  let live: LiveSr;
  let volume: VolumeAddress;
  let domain: DomainSpec;
  let vbd: string;

  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    sr = await newFileSr(host.shared);
    live = await openLiveSr(host, sr);
    volume = await live.make(SIZE);
    const disk = bareDisk(volume);
    vbd = disk.vbd;
    domain = bareDomain({ disks: [disk] });
    await live.compute.start(domain, false, recordedWatch());
  });
  afterEach(async () => {
    await removeDomains(host);
    await live.close();
  });

  const write = (round: number): Promise<void> => guestWrite(host.uri, domain.uuid, vbd, round, round);
  const written = async (): Promise<readonly number[]> =>
    (await live.content(volume, SIZE / MIB)).flatMap((byte, mib) => (byte === 0 ? [] : [byte === mib ? byte : -1]));
  /** Begins to make layers one: two of three, then the last two. */
  const beginMerging = async (first: number): Promise<void> => {
    await write(first);
    const one = await live.snapshot(volume);
    await write(first + 1);
    const two = await live.snapshot(volume);
    await write(first + 2);
    for (const snapshot of [one, two]) await live.storage.destroyVolume(snapshot);
  };

  it('are whole when QEMU is killed', async () => {
    let round = 1;
    for (const moment of MOMENTS) {
      await beginMerging(round);
      await new Promise((resolve) => setTimeout(resolve, moment));
      const pid = (await host.qemuPids()).get(domain.name);
      expect(pid).toBeDefined();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await eventually(async () => (await host.virsh('domstate', domain.uuid)) === 'shut off', 30_000);
      round += 3;
      expect(await written()).toEqual(upTo(round - 1));
      live.warnings.length = 0;
      await live.compute.start(domain, false, recordedWatch());
    }
    await live.settled(1);
    await write(round);
    await live.compute.hardShutdown(domain.uuid);
    expect(await written()).toEqual(upTo(round));
    await live.check();
  });

  it('are whole when libvirtd is killed', async () => {
    let round = 1;
    for (const moment of MOMENTS) {
      await beginMerging(round);
      await new Promise((resolve) => setTimeout(resolve, moment));
      await host.killLibvirtd();
      await host.libvirtd.start();
      await eventually(() => live.session.connected, 30_000);
      round += 3;
      await write(round++);
    }
    live.warnings.length = 0;
    await live.settled(1);
    expect(await host.virsh('domstate', domain.uuid)).toBe('running');
    await live.compute.hardShutdown(domain.uuid);
    expect(await written()).toEqual(upTo(round - 1));
    await live.check();
  });

  it('are whole when the gateway is killed', async () => {
    await live.close();
    const program = fileURLToPath(new URL('./testing/coalescing-gateway.ts', import.meta.url));
    const location = sr.deviceConfig.get('location') ?? '';
    const args = [host.uri, host.name, host.shared, location, sr.uuid, domain.uuid, vbd, volume.location];
    const said = await killed(program, args, 12_000);
    expect(said.written).toBeGreaterThan(0);
    live = await openLiveSr(host, sr);
    await eventually(async () => (await host.virsh('domstate', domain.uuid)) === 'running', 10_000);
    // What was under way when it died may have come about.
    const volumes = await live.storage.scan(sr.uuid);
    for (const { location: one } of volumes) {
      if (one !== volume.location) await live.storage.destroyVolume({ sr: sr.uuid, location: one });
    }
    await live.settled(1);
    await write(60);
    await live.compute.hardShutdown(domain.uuid);
    const found = await written();
    expect([
      [...upTo(said.written), 60],
      [...upTo(said.written + 1), 60],
    ]).toContainEqual(found);
    await live.check();
  });
});
