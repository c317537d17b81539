import { mkdtemp, open, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { execute } from '../../../../../test-support/libvirt/execute.js';
import { type LabHost, startHost } from '../../../../../test-support/libvirt/host/host.js';
import { until } from '../../../../../test-support/libvirt/until.js';
import { recordedWatch } from '../../../contract/watch.js';
import type { GrowingSources, VolumeSources } from '../../volume-source.js';
import { bareDisk, bareDomain } from '../testing/bare-domain.js';
import { type OpenedCompute, openCompute } from '../testing/open-compute.js';

const MIB = 2 ** 20;
const STEP = 8 * MIB;
const RESERVE = 4 * MIB;
const DISK = 64 * MIB;
const volume = { sr: newUuid(), location: 'disk' };

/** A qcow2 image on a device that is much smaller than the disk, and can be made larger. */
class GrowingDevice implements VolumeSources {
  readonly growing: GrowingSources;
  readonly path: string;
  size: number;

  private constructor(path: string, file: string, size: number) {
    this.path = path;
    this.size = size;
    this.growing = {
      threshold: (at) => (at === path && this.size < DISK + STEP ? this.size - RESERVE : undefined),
      extend: async (_at, written) => {
        this.size = written + STEP;
        await truncate(file, this.size);
        await execute('losetup', ['--set-capacity', path]);
      },
      onMore: () => () => undefined,
    };
  }

  static async make(directory: string): Promise<GrowingDevice> {
    const file = join(directory, 'device.img');
    await (await open(file, 'w')).close();
    await truncate(file, STEP);
    const path = (await execute('losetup', ['--find', '--show', file])).trim();
    await execute('qemu-img', ['create', '-q', '-f', 'qcow2', path, String(DISK)]);
    return new GrowingDevice(path, file, STEP);
  }

  async source(): ReturnType<VolumeSources['source']> {
    return { path: this.path, kind: 'block', format: 'qcow2', readOnly: false, virtualSize: DISK };
  }

  async memoryImage(): Promise<string> {
    throw new Error('no memory here');
  }

  locate(path: string): typeof volume | undefined {
    return path === this.path ? volume : undefined;
  }

  cover(): undefined {
    return undefined;
  }
}

let directory: string;
let device: GrowingDevice;
let host: LabHost;
let opened: OpenedCompute;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'room-'));
  device = await GrowingDevice.make(directory);
  host = await startHost();
  opened = await openCompute(host, device);
});
afterEach(async () => {
  await opened.close();
  await host.close();
  await execute('losetup', ['--detach', device.path]);
  await rm(directory, { recursive: true });
});

it('makes a device larger while a domain writes to it, also what it wrote while nobody was there', async () => {
  const disk = bareDisk(volume);
  const domain = bareDomain({ disks: [disk] });
  await opened.compute.start(domain, true, recordedWatch());
  const write = async (offset: number, length: number): Promise<void> => {
    const said = await host.virsh(
      'qemu-monitor-command',
      domain.uuid,
      '--hmp',
      `qemu-io -d /machine/peripheral/ua-${disk.vbd}/virtio-backend "write -P 7 ${offset} ${length}"`,
    );
    // What it says of success it says elsewhere.
    expect(said.trim()).toBe('');
  };
  const written = async (): Promise<number> => {
    const [, bytes] = /Allocation:\s+(\d+)/.exec(await host.virsh('domblkinfo', domain.uuid, 'vda')) ?? [];
    return Number(bytes);
  };
  const hasRoom = async (): Promise<true | undefined> => (await written()) <= device.size - RESERVE || undefined;
  for (let at = 0; at < 20 * MIB; at += 2 * MIB) {
    await write(at, 2 * MIB);
    await until('there is room', hasRoom);
  }
  expect(device.size).toBeGreaterThan(20 * MIB);
  await opened.close();
  const { size } = device;
  for (let at = 20 * MIB; (await hasRoom()) === true; at += MIB) await write(at, MIB);
  expect(device.size).toBe(size);
  opened = await openCompute(host, device);
  await until('there is room', hasRoom);
  expect(device.size).toBeGreaterThan(size);
  expect(opened.warnings).toEqual([]);
});
