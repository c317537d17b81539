import { readFile } from 'node:fs/promises';
import { v4 as newUuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../../../../test-support/libvirt/host/host.js';
import { BRIDGE } from '../../../../../test-support/libvirt/host/network.js';
import type { DiskSpec, DomainSpec, DomainState, NicSpec } from '../../../compute.js';
import { eventually, recordedWatch } from '../../../contract/watch.js';
import type { VolumeAddress } from '../../../storage.js';
import type { NicRules } from '../../nic-rules.js';
import { ComputePool } from '../compute-pool.js';
import { type OpenedCompute, openCompute, removeDomains } from '../testing/open-compute.js';
import { RawVolumes } from '../testing/raw-volumes.js';

const MIB = 2 ** 20;

/** Rules that only remember what they were told; cards that are locked need them. */
class RememberedRules implements NicRules {
  readonly told: string[] = [];
  broken = false;
  needed = ({ locking }: NicSpec): boolean => locking.mode !== 'unlocked';
  async apply(tap: string, { locking }: NicSpec): Promise<void> {
    if (this.broken) throw new Error('no rules today');
    this.told.push(`${tap} ${locking.mode}`);
  }
  async drop(tap: string): Promise<void> {
    this.told.push(`${tap} gone`);
  }
}

// Guests without a system: their firmware finds nothing to boot, which is enough for what a host does to them.
describe('living domains', () => {
  let hosts: readonly LabHost[];
  let host: LabHost;
  let volumes: RawVolumes;
  let rules: RememberedRules;
  let one: OpenedCompute;
  let other: OpenedCompute;

  beforeAll(async () => {
    hosts = await Promise.all([startHost(), startHost()]);
  });
  afterAll(() => Promise.all(hosts.map((each) => each.close())));

  beforeEach(async () => {
    const [here, there] = hosts;
    if (here === undefined || there === undefined) throw new Error('there are two hosts');
    host = here;
    volumes = new RawVolumes(here.shared);
    rules = new RememberedRules();
    const pool = new ComputePool();
    [one, other] = await Promise.all([openCompute(here, volumes, { pool, rules }), openCompute(there, volumes, { pool, rules })]);
  });
  afterEach(async () => {
    await Promise.all([one.close(), other.close()]);
    await Promise.all(hosts.map(removeDomains));
  });

  const disk = (volume: VolumeAddress | undefined, changes: Partial<DiskSpec> = {}): DiskSpec => ({
    vbd: newUuid(),
    position: 0,
    kind: 'Disk',
    writable: true,
    bootable: true,
    volume,
    qos: new Map(),
    ...changes,
  });
  const nic = (changes: Partial<NicSpec> = {}): NicSpec => ({
    vif: newUuid(),
    position: 0,
    mac: '02:00:00:00:00:01',
    mtu: 1500,
    bridge: BRIDGE,
    locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
    qos: new Map(),
    ...changes,
  });
  const started = async (changes: Partial<DomainSpec> = {}): Promise<DomainSpec> => {
    const spec: DomainSpec = {
      uuid: newUuid(),
      name: `live ${newUuid().slice(0, 8)}`,
      description: '',
      vcpus: { max: 2, online: 1, params: new Map() },
      memory: { staticMax: 64 * MIB, dynamicMax: 64 * MIB, dynamicMin: 32 * MIB, target: 64 * MIB },
      boot: { kind: 'hvm', params: new Map([['order', 'cd']]) },
      platform: new Map([['acpi', '1']]),
      guestData: new Map(),
      disks: [disk(await volumes.make(8 * MIB)), disk(undefined, { kind: 'CD', position: 3, writable: false })],
      nics: [nic()],
      after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
      ...changes,
    };
    await one.compute.start(spec, false, recordedWatch());
    return spec;
  };
  const both = async (uuid: string): Promise<readonly [live: string, defined: string]> => [
    await host.virsh('dumpxml', uuid),
    await host.virsh('dumpxml', uuid, '--inactive'),
  ];
  const state = (uuid: string): Promise<string> => host.virsh('domstate', uuid);
  const image = (spec: DomainSpec): Promise<VolumeAddress> => volumes.make(one.compute.memoryImageSize(spec));
  const pathOf = ({ location }: VolumeAddress): string => volumes.path(location);

  it('gets a disk, in its definition too, and its place counts as taken', async () => {
    const spec = await started();
    const more = disk(await volumes.make(MIB), { position: 5 });
    await one.compute.attachDisk(spec.uuid, more);
    const path = pathOf(more.volume ?? { sr: '', location: '' });
    for (const xml of await both(spec.uuid)) expect(xml).toContain(path);
    expect(one.compute.liveDisks.user(path)).toBe(spec.uuid);
    const found = (await one.compute.describeOne(spec.uuid))?.disks.find(({ vbd }) => vbd === more.vbd);
    expect(found).toMatchObject({ position: 5, kind: 'Disk', writable: true, volume: more.volume });
    const refused = { code: 'DEVICE_ALREADY_ATTACHED' };
    await expect(one.compute.attachDisk(spec.uuid, more)).rejects.toMatchObject(refused);
    const same = disk(await volumes.make(MIB), { position: 5 });
    await expect(one.compute.attachDisk(spec.uuid, same)).rejects.toMatchObject(refused);
    await expect(one.compute.attachDisk(spec.uuid, disk(undefined, { position: 6 }))).rejects.toMatchObject({
      code: 'VBD_IS_EMPTY',
    });
  });

  it('takes a medium and gives it back', async () => {
    const spec = await started();
    const [fixed, drive] = spec.disks.map(({ vbd }) => vbd);
    const medium = await volumes.make(MIB);
    await expect(one.compute.ejectMedium(spec.uuid, drive ?? '')).rejects.toMatchObject({ code: 'VBD_IS_EMPTY' });
    await one.compute.insertMedium(spec.uuid, drive ?? '', medium);
    for (const xml of await both(spec.uuid)) expect(xml).toContain(pathOf(medium));
    expect(one.compute.liveDisks.user(pathOf(medium))).toBeUndefined();
    await expect(one.compute.insertMedium(spec.uuid, drive ?? '', medium)).rejects.toMatchObject({ code: 'VBD_NOT_EMPTY' });
    await one.compute.ejectMedium(spec.uuid, drive ?? '');
    for (const xml of await both(spec.uuid)) expect(xml).not.toContain(`<source file='${pathOf(medium)}'`);
    await expect(one.compute.insertMedium(spec.uuid, fixed ?? '', medium)).rejects.toMatchObject({
      code: 'VBD_NOT_REMOVABLE_MEDIA',
    });
    await expect(one.compute.ejectMedium(spec.uuid, newUuid())).rejects.toMatchObject({ code: 'DEVICE_NOT_ATTACHED' });
  });

  it('gets a card whose link is up only under its rules', async () => {
    const spec = await started();
    const locked = nic({ position: 2, mac: '02:00:00:00:00:02', locking: { mode: 'locked', ipv4: ['10.0.0.1'], ipv6: [] } });
    await one.compute.attachNic(spec.uuid, locked);
    expect(rules.told).toEqual([expect.stringMatching(/^vnet\d+ locked$/)]);
    const [live, defined] = await both(spec.uuid);
    expect(live).toContain('<link state="up"/>'.replaceAll('"', "'"));
    expect(live).not.toContain("state='down'");
    expect(defined).toContain('02:00:00:00:00:02');
    expect(defined).not.toContain('<link');
    const found = (await one.compute.describeOne(spec.uuid))?.nics.find(({ vif }) => vif === locked.vif);
    expect(found).toMatchObject({ position: 2, locking: locked.locking });
    await expect(one.compute.attachNic(spec.uuid, nic({ position: 2 }))).rejects.toMatchObject({
      code: 'DEVICE_ALREADY_ATTACHED',
    });
  });

  it('has rules on its cards, whoever starts it', async () => {
    const locked = nic({ locking: { mode: 'locked', ipv4: ['10.0.0.1'], ipv6: [] } });
    const spec = await started({ nics: [locked] });
    expect(rules.told).toEqual([expect.stringMatching(/^vnet\d+ locked$/)]);
    await host.virsh('destroy', spec.uuid);
    rules.told.length = 0;
    await host.virsh('start', spec.uuid);
    await eventually(() => rules.told.length > 0, 2000);
    expect(rules.told).toEqual([expect.stringMatching(/^vnet\d+ locked$/)]);
    expect(one.warnings).toEqual([]);
  });

  it('moves a card to another bridge', async () => {
    await host.run('ip', ['link', 'add', 'second', 'type', 'bridge']);
    try {
      const spec = await started();
      const [card] = spec.nics;
      await one.compute.changeNic(spec.uuid, nic({ vif: card?.vif ?? '', bridge: 'second', mac: '02:00:00:00:00:77' }));
      for (const xml of await both(spec.uuid)) expect(xml).toContain("<source bridge='second'/>");
      const [, tap] = /dev='(vnet\d+)'/.exec(await host.virsh('dumpxml', spec.uuid)) ?? [];
      expect(await host.run('ip', ['link', 'show', 'master', 'second'])).toContain(`${tap}:`);
      await expect(one.compute.changeNic(spec.uuid, nic())).rejects.toMatchObject({ code: 'DEVICE_ALREADY_DETACHED' });
      await expect(one.compute.changeNic(spec.uuid, nic({ vif: card?.vif ?? '', bridge: 'nowhere' }))).rejects.toMatchObject({
        code: 'BRIDGE_NOT_AVAILABLE',
      });
    } finally {
      await host.run('ip', ['link', 'delete', 'second']);
    }
  });

  it('moves a disk to a larger volume, and stays where it was when that is cancelled', async () => {
    const spec = await started();
    const [first] = spec.disks;
    const [from, to] = [first?.volume ?? { sr: '', location: '' }, await volumes.make(16 * MIB)];
    const cancelled = recordedWatch();
    cancelled.cancel();
    await expect(one.compute.moveDisk(spec.uuid, first?.vbd ?? '', to, cancelled)).rejects.toMatchObject({
      code: 'TASK_CANCELLED',
    });
    for (const xml of await both(spec.uuid)) expect(xml).toContain(pathOf(from));
    const watch = recordedWatch();
    await one.compute.moveDisk(spec.uuid, first?.vbd ?? '', to, watch);
    for (const xml of await both(spec.uuid)) {
      expect(xml).toContain(`<source file='${pathOf(to)}'`);
      expect(xml).not.toContain(`<source file='${pathOf(from)}'`);
    }
    expect(one.compute.liveDisks.user(pathOf(to))).toBe(spec.uuid);
    expect(one.compute.liveDisks.user(pathOf(from))).toBeUndefined();
    expect((await one.compute.describeOne(spec.uuid))?.disks[0]).toMatchObject({ vbd: first?.vbd, volume: to });
    expect(watch.shares.at(-1)).toBe(1);
  });

  it('changes its CPUs within bounds', async () => {
    const spec = await started();
    await one.compute.setVcpus(spec.uuid, 2);
    expect(await host.virsh('vcpucount', spec.uuid, '--live')).toBe('2');
    expect(await host.virsh('vcpucount', spec.uuid, '--config')).toBe('2');
    await expect(one.compute.setVcpus(spec.uuid, 3)).rejects.toMatchObject({ code: 'VM_TOO_MANY_VCPUS' });
    await expect(one.compute.setVcpus(spec.uuid, 0)).rejects.toMatchObject({ code: 'VM_NO_VCPUS' });
    // There is no system that could give it back.
    await expect(one.compute.setVcpus(spec.uuid, 1)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });

  it('keeps standing still when it did so before a hold, and goes on after one that failed', async () => {
    const spec = await started();
    const states: DomainState[] = [];
    one.compute.onState((told) => states.push(told));
    await one.compute.hold(spec.uuid, false, async () => {
      expect(await state(spec.uuid)).toBe('paused');
    });
    expect(await state(spec.uuid)).toBe('running');
    const failing = one.compute.hold(spec.uuid, false, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await state(spec.uuid)).toBe('running');
    expect(states).toEqual([]);
    await one.compute.pause(spec.uuid);
    await one.compute.hold(spec.uuid, false, async () => undefined);
    expect(await state(spec.uuid)).toBe('paused');
    await one.compute.unpause(spec.uuid);
    await expect(one.compute.hold(spec.uuid, true, async () => undefined)).rejects.toMatchObject({
      code: 'VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED',
    });
  });

  it('is suspended and resumed with other disks and under another name', async () => {
    const spec = await started();
    const memory = await image(spec);
    const watch = recordedWatch();
    await one.compute.suspend(spec.uuid, memory, watch);
    expect(watch.shares.at(-1)).toBe(1);
    expect((await readFile(pathOf(memory))).subarray(0, 16).toString()).toBe('LibvirtQemudSave');
    const elsewhere = await volumes.make(8 * MIB);
    const disks = spec.disks.map((each) => (each.position === 0 ? { ...each, vbd: newUuid(), volume: elsewhere } : each));
    await one.compute.resume({ ...spec, name: 'renamed', disks }, memory, true, recordedWatch());
    expect(await state(spec.uuid)).toBe('paused');
    expect((await one.compute.list()).find(({ uuid }) => uuid === spec.uuid)?.power).toBe('Paused');
    const [live] = await both(spec.uuid);
    expect(live).toContain(pathOf(elsewhere));
    expect(live).toContain(`ua-${disks[0]?.vbd}`);
    expect(one.compute.liveDisks.user(pathOf(elsewhere))).toBe(spec.uuid);
    await one.compute.unpause(spec.uuid);
    await one.compute.suspend(spec.uuid, memory, recordedWatch());
    await other.compute.resume({ ...spec, disks }, memory, false, recordedWatch());
    expect((await other.compute.list()).find(({ uuid }) => uuid === spec.uuid)?.power).toBe('Running');
  });

  it('is not resumed from what is no image of it', async () => {
    const spec = await started();
    const memory = await image(spec);
    await one.compute.suspend(spec.uuid, memory, recordedWatch());
    const refused = { code: 'SUSPEND_IMAGE_NOT_ACCESSIBLE' };
    await expect(one.compute.resume(spec, await image(spec), false, recordedWatch())).rejects.toMatchObject(refused);
    await expect(one.compute.resume({ ...spec, uuid: newUuid() }, memory, false, recordedWatch())).rejects.toMatchObject(refused);
    expect((await one.compute.list()).find(({ uuid }) => uuid === spec.uuid)?.power).toBe('Suspended');
  });

  it('has its memory saved while it stands still, and goes on', async () => {
    const spec = await started();
    const memory = await image(spec);
    let frozen = '';
    await one.compute.saveMemory(
      spec.uuid,
      memory,
      async () => {
        frozen = await state(spec.uuid);
      },
      recordedWatch(),
    );
    expect(frozen).toBe('paused');
    expect(await state(spec.uuid)).toBe('running');
    expect(await host.virsh('snapshot-list', spec.uuid, '--name')).toBe('');
    await one.compute.hardShutdown(spec.uuid);
    await one.compute.resume(spec, memory, false, recordedWatch());
    expect(await state(spec.uuid)).toBe('running');
  });

  it('goes on in an overlay that storage has made, and sees a disk grow', async () => {
    const spec = await started();
    const base = pathOf(spec.disks[0]?.volume ?? { sr: '', location: '' });
    const overlay = `${host.shared}/${newUuid()}.qcow2`;
    await host.run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'raw', overlay]);
    await one.compute.liveDisks.switchTo(base, { path: overlay, kind: 'file', format: 'qcow2', readOnly: false });
    for (const xml of await both(spec.uuid)) expect(xml).toContain(overlay);
    expect(one.compute.liveDisks.user(overlay)).toBe(spec.uuid);
    expect(one.compute.liveDisks.user(base)).toBeUndefined();
    await one.compute.liveDisks.resize(overlay, 24 * MIB);
    expect(await host.virsh('domblkinfo', spec.uuid, 'vda')).toMatch(/Capacity:\s+25165824/);
    await expect(
      one.compute.liveDisks.switchTo(base, { path: overlay, kind: 'file', format: 'qcow2', readOnly: false }),
    ).rejects.toMatchObject({ code: 'DEVICE_NOT_ATTACHED' });
  });

  it('moves to another host, and stays when it cannot', async () => {
    const spec = await started({ nics: [nic({ locking: { mode: 'locked', ipv4: [], ipv6: [] } })] });
    rules.told.length = 0;
    const watch = recordedWatch();
    await one.compute.migrate(spec, other.compute, watch);
    expect(watch.shares.at(-1)).toBe(1);
    expect(await host.virsh('list', '--all', '--uuid')).toBe('');
    expect((await other.compute.list()).find(({ uuid }) => uuid === spec.uuid)?.power).toBe('Running');
    expect(rules.told).toContainEqual(expect.stringMatching(/^vnet\d+ locked$/));
    const path = pathOf(spec.disks[0]?.volume ?? { sr: '', location: '' });
    expect(other.compute.liveDisks.user(path)).toBe(spec.uuid);
    expect(one.compute.liveDisks.user(path)).toBeUndefined();
    await host.run('ip', ['link', 'set', BRIDGE, 'name', 'away']);
    try {
      await expect(other.compute.migrate(spec, one.compute, recordedWatch())).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:VM_MIGRATE_FAILED|BRIDGE_NOT_AVAILABLE)$/),
      });
    } finally {
      await host.run('ip', ['link', 'set', 'away', 'name', BRIDGE]);
    }
    expect((await other.compute.list()).find(({ uuid }) => uuid === spec.uuid)?.power).toBe('Running');
    expect(await host.virsh('list', '--all', '--uuid')).toBe('');
  });
});
