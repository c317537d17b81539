import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { v4 as newUuid } from 'uuid';
import { expect } from 'vitest';
import { z } from 'zod';
import { execute } from '../../../../../test-support/libvirt/execute.js';
import type { LabHost } from '../../../../../test-support/libvirt/host/host.js';
import type { SrSpec, VolumeAddress } from '../../../storage.js';
import { type OpenedCompute, openCompute } from '../../compute/testing/open-compute.js';
import { LibvirtStorage } from '../libvirt-storage.js';
import { AT_ONCE } from './killed-work.js';

const MIB = 2 ** 20;
const imageInfo = z.object({ 'backing-filename': z.string().optional() });

/** A `file` SR with domains that use it, as one process has them. */
export interface LiveSr {
  readonly sr: SrSpec;
  readonly location: string;
  readonly storage: LibvirtStorage;
  readonly compute: OpenedCompute['compute'];
  readonly session: OpenedCompute['session'];
  readonly warnings: string[];
  make(size: number): Promise<VolumeAddress>;
  snapshot(volume: VolumeAddress): Promise<VolumeAddress>;
  /** The bytes that the first so many MiB of a disk begin with. */
  content(volume: VolumeAddress, mebibytes: number): Promise<readonly number[]>;
  /** Resolves when so many images are left, and nothing that is half done or was warned of. */
  settled(images: number): Promise<void>;
  /** Rejects when an image is damaged, or stands on another one by an absolute path. */
  check(): Promise<void>;
  /** As the end of the process: domains and disks go on. */
  close(): Promise<void>;
}

/** Makes a directory for an SR that all processes on the host see. */
export async function newFileSr(shared: string): Promise<SrSpec> {
  const location = join(await mkdtemp(join(shared, 'storage-')), 'disks');
  await mkdir(location);
  return {
    uuid: newUuid(),
    type: 'file',
    deviceConfig: new Map([['location', location]]),
    smConfig: new Map(),
    contentType: 'user',
    shared: false,
  };
}

/** Opens compute and storage of a host as the daemon does, and attaches an SR, which is made when there is none. */
export async function openLiveSr(host: Pick<LabHost, 'uri' | 'name' | 'shared'>, sr: SrSpec): Promise<LiveSr> {
  const location = sr.deviceConfig.get('location') ?? '';
  const directory = join(location, sr.uuid);
  const warnings: string[] = [];
  const storage: LibvirtStorage = new LibvirtStorage({
    live: () => opened.compute.liveDisks,
    warn: (error, message) => void warnings.push(`${message}: ${String(error)}`),
    runDirectory: join(location, '..', 'run'),
    coalescing: AT_ONCE,
  });
  const opened = await openCompute(host, storage);
  if (!(await readdir(location)).includes(sr.uuid)) await storage.createSr(sr, 0);
  await storage.attach(sr);
  const at = (volume: { readonly location: string }): VolumeAddress => ({ sr: sr.uuid, location: volume.location });
  const files = async (...endings: readonly string[]): Promise<readonly string[]> =>
    (await readdir(directory)).filter((name) => endings.some((ending) => name.endsWith(ending)));
  return {
    sr,
    location,
    storage,
    compute: opened.compute,
    session: opened.session,
    warnings,
    async make(virtualSize) {
      const volume = { uuid: newUuid(), virtualSize, name: '', description: '', smConfig: new Map<string, string>() };
      return at(await storage.createVolume(sr.uuid, volume));
    },
    async snapshot(volume) {
      return at(await storage.snapshotVolume(volume, newUuid()));
    },
    async content(volume, mebibytes) {
      const bytes = await buffer(await storage.read(volume));
      return Array.from({ length: mebibytes }, (_, mib) => bytes[mib * MIB] ?? -1);
    },
    async settled(images) {
      await expect
        .poll(async () => ({ images: await files('.qcow2'), left: await files('.intent'), warnings }), {
          timeout: 90_000,
          interval: 200,
        })
        .toEqual({ images: Array(images).fill(expect.any(String)), left: [], warnings: [] });
    },
    async check() {
      for (const name of await files('.qcow2')) {
        const path = join(directory, name);
        await execute('qemu-img', ['check', '-q', '-U', '-f', 'qcow2', path]);
        const info = imageInfo.parse(JSON.parse(await execute('qemu-img', ['info', '-U', '--output=json', path])));
        expect(info['backing-filename'] ?? '').not.toMatch(/^\//);
      }
    },
    async close() {
      await storage.rest();
      await opened.close();
    },
  };
}

/** What a guest does: writes a byte over a MiB of its disk, and makes that durable. */
export async function guestWrite(uri: string, domain: string, vbd: string, mib: number, byte: number): Promise<void> {
  for (const command of [`write -P ${byte} ${mib}M 1M`, 'flush']) {
    const io = `qemu-io -d /machine/peripheral/ua-${vbd}/virtio-backend "${command}"`;
    const said = await execute('virsh', ['--quiet', '-c', uri, 'qemu-monitor-command', domain, '--hmp', io]);
    // QEMU says what went wrong.
    expect(said.trim()).toBe('');
  }
}
