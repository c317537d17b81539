import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { recordedWatch } from '../../contract/watch.js';
import type { SrSpec, Volume, VolumeAddress } from '../../storage.js';
import { bareDisk, bareDomain } from '../compute/testing/bare-domain.js';
import { type OpenedCompute, openCompute, removeDomains } from '../compute/testing/open-compute.js';
import { LibvirtStorage } from './libvirt-storage.js';

const MIB = 2 ** 20;
const chain = z.array(z.object({ filename: z.string(), 'virtual-size': z.number() }));

describe('disks of domains that run', () => {
  let host: LabHost;
  let opened: OpenedCompute;
  let storage: LibvirtStorage;
  let sr: SrSpec;
  let location: string;

  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.close());

  beforeEach(async () => {
    const directory = await mkdtemp(join(host.shared, 'storage-'));
    location = join(directory, 'disks');
    await mkdir(location);
    const warn = (error: unknown): void => {
      throw error;
    };
    storage = new LibvirtStorage({ live: () => opened.compute.liveDisks, warn, runDirectory: join(directory, 'run') });
    opened = await openCompute(host, storage);
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
  });
  afterEach(async () => {
    await removeDomains(host);
    await opened.close();
  });

  const at = (volume: Volume): VolumeAddress => ({ sr: sr.uuid, location: volume.location });
  const make = (): Promise<Volume> =>
    storage.createVolume(sr.uuid, { uuid: newUuid(), virtualSize: 64 * MIB, name: '', description: '', smConfig: new Map() });
  const path = async (volume: VolumeAddress): Promise<string> => (await storage.source(volume)).path;
  const domainDisks = (domain: string, ...options: string[]): Promise<string> => host.virsh('domblklist', domain, ...options);
  const layers = async (file: string): Promise<readonly string[]> => {
    const text = await execute('qemu-img', ['info', '-U', '--backing-chain', '--output=json', file]);
    return chain.parse(JSON.parse(text)).map(({ filename }) => filename);
  };

  it('go on above a snapshot, and start from there the next time', async () => {
    const volume = await make();
    const first = await path(at(volume));
    const domain = bareDomain({ disks: [bareDisk(at(volume))] });
    await opened.compute.start(domain, false, recordedWatch());
    const snapshot = await storage.snapshotVolume(at(volume), newUuid());
    const second = await path(at(volume));
    expect(await path(at(snapshot))).toBe(first);
    expect(second).not.toBe(first);
    expect(await domainDisks(domain.uuid)).toContain(second);
    expect(await domainDisks(domain.uuid, '--inactive')).toContain(second);
    const clone = await storage.cloneVolume(at(volume), newUuid());
    const third = await path(at(volume));
    expect(await domainDisks(domain.uuid)).toContain(third);
    expect((await layers(third)).length).toBe(3);
    expect(await layers(await path(at(clone)))).toEqual([await path(at(clone)), second, first]);
    expect(storage.locate(third)).toEqual(at(volume));
    await expect(storage.destroyVolume(at(volume))).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    await expect(storage.write(at(volume))).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    await opened.compute.hardShutdown(domain.uuid);
    await opened.compute.start(domain, false, recordedWatch());
    expect(await domainDisks(domain.uuid)).toContain(third);
    expect(await storage.scan(sr.uuid)).toHaveLength(3);
  });

  it('grow while they run', async () => {
    const volume = await make();
    const domain = bareDomain({ disks: [bareDisk(at(volume))] });
    await opened.compute.start(domain, false, recordedWatch());
    expect(await storage.resizeVolume(at(volume), 100 * MIB)).toMatchObject({ virtualSize: 100 * MIB });
    expect(await host.virsh('domblkinfo', domain.uuid, 'vda')).toContain(String(100 * MIB));
  });

  it('can be copied as they are', async () => {
    const volume = await make();
    const domain = bareDomain({ disks: [bareDisk(at(volume))] });
    await opened.compute.start(domain, false, recordedWatch());
    const copy = await storage.copyVolume(
      at(volume),
      sr.uuid,
      { uuid: newUuid(), virtualSize: 64 * MIB, name: '', description: '', smConfig: new Map() },
      recordedWatch(),
    );
    expect(await layers(await path(at(copy)))).toHaveLength(1);
  });

  it('of other origin are found in their directory and have snapshots', async () => {
    const file = join(location, 'legacy.img');
    await writeFile(file, Buffer.alloc(8 * MIB, 7));
    const uuid = newUuid();
    await host.define(`<domain type='qemu'><name>legacy</name><uuid>${uuid}</uuid><memory unit='MiB'>32</memory>
      <os><type arch='x86_64' machine='pc'>hvm</type></os>
      <devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='vda' bus='virtio'/></disk></devices>
    </domain>`);
    await host.virsh('start', 'legacy');
    const address = { sr: sr.uuid, location: 'legacy.img' };
    expect(storage.locate(file)).toEqual(address);
    await expect.poll(() => opened.compute.liveDisks.user(file)).toBe(uuid);
    const snapshot = await storage.snapshotVolume(address, newUuid());
    const overlay = await path(address);
    expect(await layers(overlay)).toEqual([overlay, expect.stringMatching(/legacy\.img$/)]);
    expect(await domainDisks(uuid, '--inactive')).toContain(overlay);
    expect(await storage.scan(sr.uuid)).toHaveLength(2);
    await host.virsh('destroy', 'legacy');
    await host.virsh('start', 'legacy');
    await expect.poll(() => opened.compute.liveDisks.user(overlay)).toBe(uuid);
    expect((await storage.read(at(snapshot))).destroy()).toBeDefined();
  });

  it('are followed when virsh makes them go on elsewhere', async () => {
    const volume = await make();
    const domain = bareDomain({ disks: [bareDisk(at(volume))] });
    await opened.compute.start(domain, false, recordedWatch());
    await host.virsh('snapshot-create-as', domain.uuid, 'byhand', '--disk-only', '--no-metadata');
    expect(await storage.scan(sr.uuid)).toMatchObject([{ location: volume.location }]);
    expect(await path(at(volume))).toMatch(/\.byhand$/);
    expect(storage.locate(await path(at(volume)))).toEqual(at(volume));
  });
});
