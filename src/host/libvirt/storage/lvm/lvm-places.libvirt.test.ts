import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execute } from '../../../../../test-support/libvirt/execute.js';
import type { SrSpec } from '../../../storage.js';
import { groupNameOf } from './names.js';
import { type LvmLab, lvmLab } from './testing/lvm-lab.js';

const MIB = 2 ** 20;
const refused = (number: number) => ({ code: `SR_BACKEND_FAILURE_${number}` });

let lab: LvmLab;
beforeEach(async () => {
  lab = await lvmLab();
});
afterEach(() => lab.remove());

const on = (config: Readonly<Record<string, string>>, uuid = newUuid()): SrSpec => ({
  ...lab.sr,
  uuid,
  deviceConfig: new Map(Object.entries(config)),
});
const probe = (config: Readonly<Record<string, string>>) => lab.storage.probe('lvm', new Map(Object.entries(config)));
const volume = (virtualSize = 4 * MIB, smConfig: Readonly<Record<string, string>> = {}) => ({
  uuid: newUuid(),
  virtualSize,
  name: 'disk',
  description: 'of a test',
  smConfig: new Map(Object.entries(smConfig)),
});
/** Names of volumes in a group, as LVM itself tells them. */
const volumesOf = async (group: string): Promise<readonly string[]> =>
  (await lab.run(['lvs', '--noheadings', '-o', 'lv_name', group]))
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

describe('a device', () => {
  it('is one of the host that nobody uses', async () => {
    const cases: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
      [{}, 90],
      [{ device: 'sdb' }, 91],
      [{ device: '/dev/../etc/passwd' }, 91],
      [{ device: '/dev/null' }, 91],
      [{ device: '/dev/missing' }, 91],
      [{ device: `${lab.device},${lab.device}` }, 91],
      [{ vg: '../x' }, 1],
      [{ vg: 'missing' }, 47],
    ];
    for (const [config, number] of cases) {
      await expect(lab.storage.createSr(on(config), 0), JSON.stringify(config)).rejects.toMatchObject(refused(number));
      await expect(probe(config), JSON.stringify(config)).rejects.toMatchObject(refused(number));
    }
    await expect(lab.storage.attach(on({ device: lab.device }))).rejects.toMatchObject(refused(47));
    await expect(lab.storage.createSr(on({ device: lab.device }, '../x'), 0)).rejects.toMatchObject({ code: 'UUID_INVALID' });
  });

  it('is not taken with a file system on it, unless it is given up', async () => {
    await execute('mke2fs', ['-q', '-F', lab.device, '100M']);
    expect(await probe({ device: lab.device })).toEqual([]);
    await expect(lab.storage.createSr(lab.sr, 0)).rejects.toMatchObject({
      ...refused(16),
      params: ['', expect.stringMatching(/ext[24]/), ''],
    });
    expect(await execute('blkid', ['-p', '-s', 'TYPE', lab.device])).toMatch(/ext[24]/);
    await lab.storage.createSr(on({ device: lab.device, force: 'true' }, lab.sr.uuid), 0);
    expect(await probe({ device: lab.device })).toMatchObject([{ sr: { uuid: lab.sr.uuid } }]);
  });

  it('has one SR, which a probe finds, and is free again without it', async () => {
    expect(await probe({ device: lab.device })).toMatchObject([{ complete: true }]);
    await lab.storage.createSr(lab.sr, 0);
    const [found] = await probe({ device: lab.device });
    expect(found?.sr).toMatchObject({ uuid: lab.sr.uuid });
    expect(found?.sr?.totalSpace).toBeGreaterThan(3900 * MIB);
    await expect(lab.storage.createSr(on({ device: lab.device }), 0)).rejects.toMatchObject(refused(16));
    await expect(lab.storage.createSr(on({ device: lab.device, force: 'true' }), 0)).rejects.toMatchObject(refused(16));
    await expect(lab.storage.createSr(lab.sr, 0)).rejects.toMatchObject({ code: 'SR_UUID_EXISTS' });
    await lab.storage.destroySr(lab.sr);
    expect(await execute('wipefs', ['--no-act', '--noheadings', lab.device])).toBe('');
    expect((await probe({ device: lab.device }))[0]?.sr).toBeUndefined();
  });
});

describe('a volume group', () => {
  it('that exists becomes an SR, with the volumes of others left as they are', async () => {
    await lab.run(['vgcreate', '--yes', 'theirs', lab.device]);
    await lab.run(['lvcreate', '--yes', '-Zn', '-Wn', '-L', '8m', '-n', 'root', 'theirs']);
    expect(await probe({ device: lab.device })).toMatchObject([{ configuration: new Map([['vg', 'theirs']]), complete: true }]);
    const sr = on({ vg: 'theirs' });
    await lab.storage.createSr(sr, 0);
    expect(await probe({ vg: 'theirs' })).toMatchObject([{ sr: { uuid: sr.uuid } }]);
    await expect(lab.storage.createSr(on({ vg: 'theirs' }), 0)).rejects.toMatchObject({ code: 'SR_DEVICE_IN_USE' });
    await lab.storage.attach(sr);
    const own = await lab.storage.createVolume(sr.uuid, volume());
    const found = (await lab.storage.scan(sr.uuid)).find(({ location }) => location === 'root');
    expect(found).toMatchObject({ virtualSize: 8 * MIB, physicalUtilisation: 8 * MIB, readOnly: true, name: 'root' });
    const address = { sr: sr.uuid, location: 'root' };
    expect(await lab.storage.source(address)).toMatchObject({ format: 'raw', readOnly: true, kind: 'block' });
    const unsupported = { code: 'SR_OPERATION_NOT_SUPPORTED' };
    await expect(lab.storage.write(address)).rejects.toMatchObject({ code: 'VDI_READONLY' });
    await expect(lab.storage.resizeVolume(address, 16 * MIB)).rejects.toMatchObject({ code: 'VDI_READONLY' });
    await expect(lab.storage.destroyVolume(address)).rejects.toMatchObject(unsupported);
    await expect(lab.storage.snapshotVolume(address, newUuid())).rejects.toMatchObject(unsupported);
    await expect(lab.storage.cloneVolume(address, newUuid())).rejects.toMatchObject(unsupported);
    const copy = await lab.storage.copyVolume(address, sr.uuid, volume(8 * MIB), {
      progress: () => undefined,
      signal: new AbortController().signal,
    });
    expect(copy.virtualSize).toBe(8 * MIB);
    expect(await lab.storage.scan(sr.uuid)).toHaveLength(3);
    await lab.storage.detach(sr.uuid);
    await lab.storage.destroySr(sr);
    expect(await volumesOf('theirs')).toEqual(['root']);
    expect((await lab.run(['vgs', '--noheadings', '-o', 'vg_tags', 'theirs'])).trim()).toBe('');
    expect(own.location).not.toBe('root');
  });

  it('of ours is not removed when somebody else has put something in it', async () => {
    await lab.storage.createSr(lab.sr, 0);
    await lab.run(['lvcreate', '--yes', '-Zn', '-Wn', '-L', '8m', '-n', 'theirs', groupNameOf(lab.sr.uuid)]);
    await expect(lab.storage.destroySr(lab.sr)).rejects.toMatchObject({ code: 'SR_NOT_EMPTY' });
    expect(await volumesOf(groupNameOf(lab.sr.uuid))).toEqual(['theirs']);
  });

  it('of an XCP host is shown and nothing in it is changed', async () => {
    const uuid = newUuid();
    const group = `VG_XenStorage-${uuid}`;
    const [vhd, plain] = [`VHD-${newUuid()}`, `LV-${newUuid()}`];
    await lab.run(['vgcreate', '--yes', group, lab.device]);
    for (const name of ['MGT', vhd, plain, `clone_${newUuid()}_1`])
      await lab.run(['lvcreate', '--yes', '-Zn', '-Wn', '-L', '8m', '-n', name, group]);
    const before = await lab.run(['vgs', '--noheadings', '-o', 'vg_seqno', group]);
    expect(await probe({ device: lab.device })).toMatchObject([{ sr: { uuid } }]);
    await expect(lab.storage.createSr(on({ device: lab.device }), 0)).rejects.toMatchObject(refused(16));
    await expect(lab.storage.createSr(on({ vg: group }), 0)).rejects.toMatchObject({ code: 'SR_DEVICE_IN_USE' });
    const sr = on({ device: lab.device }, uuid);
    await lab.storage.attach(sr);
    const found = await lab.storage.scan(uuid);
    expect(found.map(({ location, readOnly }) => [location, readOnly]).sort()).toEqual(
      [
        [plain, true],
        [vhd, true],
      ].sort(),
    );
    expect(await lab.storage.source({ sr: uuid, location: plain })).toMatchObject({ format: 'raw', readOnly: true });
    const unsupported = { code: 'SR_OPERATION_NOT_SUPPORTED' };
    await expect(lab.storage.source({ sr: uuid, location: vhd })).rejects.toMatchObject(unsupported);
    await expect(lab.storage.createVolume(uuid, volume())).rejects.toMatchObject(unsupported);
    await expect(lab.storage.destroyVolume({ sr: uuid, location: plain })).rejects.toMatchObject(unsupported);
    await lab.storage.detach(uuid);
    await expect(lab.storage.destroySr(sr)).rejects.toMatchObject(unsupported);
    expect(await lab.run(['vgs', '--noheadings', '-o', 'vg_seqno', group])).toBe(before);
  });
});
