import { execFile } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeStorage } from '../../contract/storage.contract.js';
import { MIB, newVolume } from '../../contract/storage-fixture.js';
import { type FormattedLab, formattedLab } from './testing/formatted-lab.js';

const run = promisify(execFile);
/** What the contract wants at least, with room for what file systems keep for themselves. */
const SIZE = 1200 * MIB;

describeStorage('libvirt ext', async () => {
  const { storage, sr, remove } = await formattedLab('ext', SIZE);
  return { storage, sr, close: remove };
});

describe.each(['ext', 'xfs'] as const)('an SR of type %s on a device', (type) => {
  let lab: FormattedLab;
  const signatures = async (): Promise<string> => (await run('wipefs', ['--no-act', lab.device.path])).stdout;

  beforeEach(async () => {
    lab = await formattedLab(type, SIZE);
  });
  afterEach(() => lab.remove());

  it('is made on an empty device, found by a probe, and leaves an empty device', async () => {
    const { storage, sr } = lab;
    expect(await storage.probe(type, sr.deviceConfig)).toEqual([expect.not.objectContaining({ sr: expect.anything() })]);
    await storage.createSr(sr, 0);
    expect(await lab.mounted()).toEqual([]);
    const [found] = await storage.probe(type, sr.deviceConfig);
    expect(found?.sr).toMatchObject({ uuid: sr.uuid });
    expect(found?.sr?.totalSpace).toBeGreaterThan(1000 * MIB);
    expect(found?.sr?.freeSpace).toBeGreaterThan(900 * MIB);
    expect(await lab.mounted()).toEqual([]);
    await storage.attach(sr);
    expect(await lab.mounted()).toHaveLength(1);
    expect((await storage.probe(type, sr.deviceConfig))[0]?.sr?.uuid).toBe(sr.uuid);
    await storage.createVolume(sr.uuid, newVolume());
    await storage.detach(sr.uuid);
    expect(await lab.mounted()).toEqual([]);
    await storage.destroySr(sr);
    expect(await signatures()).toBe('');
  });

  it('keeps its disks over a restart of the daemon, attached or not', async () => {
    const { storage, sr } = lab;
    await storage.createSr(sr, 0);
    await storage.attach(sr);
    const { uuid } = await storage.createVolume(sr.uuid, newVolume());
    const again = lab.restarted();
    await again.attach(sr);
    expect(await lab.mounted()).toHaveLength(1);
    expect(await again.scan(sr.uuid)).toMatchObject([{ uuid }]);
    await again.detach(sr.uuid);
    await again.attach(sr);
    expect(await again.scan(sr.uuid)).toMatchObject([{ uuid }]);
    await again.detach(sr.uuid);
  });

  it('is not made over what somebody has on a device', async () => {
    const { storage, sr, device } = lab;
    await run('mkfs.ext4', ['-q', '-F', device.path]);
    await expect(storage.createSr(sr, 0)).rejects.toMatchObject({
      code: 'SR_BACKEND_FAILURE_16',
      params: ['', expect.stringContaining('ext4'), ''],
    });
    expect(await storage.probe(type, sr.deviceConfig)).toEqual([]);
    await expect(storage.attach(sr)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
    await expect(storage.destroySr(sr)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
    expect(await signatures()).toContain('ext4');
  });

  it('is not made on a device that is in use, nor removed there', async () => {
    const { storage, sr } = lab;
    await storage.createSr(sr, 0);
    await storage.attach(sr);
    const other = { ...sr, uuid: newUuid() };
    await expect(storage.createSr(other, 0)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_16' });
    const restarted = lab.restarted();
    const [point = ''] = await lab.mounted();
    const file = await open(join(point, 'open.txt'), 'w');
    await expect(storage.detach(sr.uuid)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_53' });
    expect(await storage.scan(sr.uuid)).toEqual([]);
    await expect(restarted.destroySr(sr)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_53' });
    await file.close();
    expect(await lab.mounted()).toEqual([point]);
  });

  it('is not removed with images of others in it', async () => {
    const { storage, sr } = lab;
    await storage.createSr(sr, 0);
    await storage.attach(sr);
    const [point = ''] = await lab.mounted();
    await writeFile(join(point, 'other.raw'), Buffer.alloc(MIB));
    expect(await storage.scan(sr.uuid)).toMatchObject([{ location: 'other.raw' }]);
    await storage.detach(sr.uuid);
    await expect(storage.destroySr(sr)).rejects.toMatchObject({ code: 'SR_NOT_EMPTY' });
    await storage.attach(sr);
    expect(await storage.scan(sr.uuid)).toHaveLength(1);
  });

  it('finds its device under another name, and no other SR', async () => {
    const { storage, sr, device } = lab;
    await storage.createSr(sr, 0);
    const elsewhere = { ...sr, deviceConfig: new Map([['device', '/dev/no-such-disk']]) };
    // Links by uuid are made by udev, where there is one.
    await expect(storage.attach({ ...elsewhere, uuid: newUuid() })).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
    await expect(storage.attach({ ...sr, uuid: newUuid() })).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_47' });
    await expect(storage.probe(type, elsewhere.deviceConfig)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_91' });
    await expect(storage.createSr({ ...sr, deviceConfig: new Map([['device', '/etc/passwd']]) }, 0)).rejects.toMatchObject({
      code: 'SR_BACKEND_FAILURE_91',
    });
    const two = new Map([['device', `${device.path},${device.path}`]]);
    await expect(storage.createSr({ ...sr, deviceConfig: two }, 0)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_91' });
  });

  it('leaves an empty device when it could not be made', async () => {
    const tiny = await formattedLab(type, 64 * 1024);
    await expect(tiny.storage.createSr(tiny.sr, 0)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_57' });
    expect((await run('wipefs', ['--no-act', tiny.device.path])).stdout).toBe('');
    await tiny.remove();
  });
});
