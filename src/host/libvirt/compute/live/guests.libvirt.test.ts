import { v4 as newUuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareGuest } from '../../../../../test-support/libvirt/guest/guest.js';
import { askAgent } from '../../../../../test-support/libvirt/guest-domain.js';
import { type LabHost, startHost } from '../../../../../test-support/libvirt/host/host.js';
import { BRIDGE } from '../../../../../test-support/libvirt/host/network.js';
import type { DiskSpec, DomainSpec, GuestState, NicSpec } from '../../../compute.js';
import { eventually, recordedWatch } from '../../../contract/watch.js';
import { type OpenedCompute, openCompute } from '../testing/open-compute.js';
import { RawVolumes } from '../testing/raw-volumes.js';

const MIB = 2 ** 20;
/** Milliseconds in which a guest comes up on a busy machine. */
const BOOT = 110_000;
/** Milliseconds in which a guest that is up shows what happened to it. */
const SOON = 30_000;

// One guest with a system and an agent, to which one thing after the other happens: it takes long to boot.
describe('a guest with an agent', () => {
  let host: LabHost;
  let volumes: RawVolumes;
  let opened: OpenedCompute;
  let guest: GuestState | undefined;
  let changes = 0;
  let spec: DomainSpec;

  const disk = async (position: number): Promise<DiskSpec> => ({
    vbd: newUuid(),
    position,
    kind: 'Disk',
    writable: true,
    bootable: false,
    volume: await volumes.make(8 * MIB),
    qos: new Map(),
  });
  const nic = (position: number): NicSpec => ({
    vif: newUuid(),
    position,
    mac: `02:00:00:00:01:0${position}`,
    mtu: 1500,
    bridge: BRIDGE,
    locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
    qos: new Map(),
  });

  beforeAll(async () => {
    const { kernel, initrd } = await prepareGuest();
    host = await startHost();
    volumes = new RawVolumes(host.shared);
    const bootFiles = async () => ({ kernel, ramdisk: initrd, args: 'console=ttyS0 quiet' });
    opened = await openCompute(host, volumes, { bootFiles });
    opened.compute.onGuest((_, state) => {
      guest = state;
      changes++;
    });
    spec = {
      uuid: newUuid(),
      name: 'guest',
      description: '',
      vcpus: { max: 2, online: 1, params: new Map() },
      memory: { staticMax: 256 * MIB, dynamicMax: 256 * MIB, dynamicMin: 128 * MIB, target: 256 * MIB },
      boot: {
        kind: 'pv',
        bootloader: '',
        bootloaderArgs: '',
        kernel,
        ramdisk: initrd,
        args: '',
        installRepository: '',
        installation: new Map(),
      },
      platform: new Map(),
      guestData: new Map(),
      disks: [await disk(0)],
      nics: [nic(0)],
      after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
    };
    await opened.compute.start(spec, false, recordedWatch());
    await eventually(() => guest?.networks.has('0/ip') === true, BOOT);
  });
  afterAll(async () => {
    await opened.close();
    await host.close();
  });

  it('tells what it is and where it can be reached', () => {
    expect(guest?.osVersion.get('name')).toMatch(/\S/);
    expect(guest?.osVersion.get('uname')).toMatch(/^\d+\.\d+/);
    expect(guest?.driversVersion.get('major')).toMatch(/^\d+$/);
    expect(guest?.networks.get('0/ip')).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(guest?.networks.get('0/ipv4/0')).toBe(guest?.networks.get('0/ip'));
    expect(guest?.other.get('feature-shutdown')).toBe('1');
    const late: string[] = [];
    opened.compute.onGuest((uuid) => late.push(uuid));
    return eventually(() => late.includes(spec.uuid));
  });

  it('lets go of a disk that it was given', async () => {
    const more = await disk(1);
    await opened.compute.attachDisk(spec.uuid, more);
    const path = volumes.path(more.volume?.location ?? '');
    await opened.compute.detachDisk(spec.uuid, more.vbd, false);
    expect(await host.virsh('domblklist', spec.uuid)).not.toContain(path);
    expect(await host.virsh('domblklist', spec.uuid, '--inactive')).not.toContain(path);
    expect(opened.compute.liveDisks.user(path)).toBeUndefined();
    await expect(opened.compute.detachDisk(spec.uuid, more.vbd, false)).rejects.toMatchObject({
      code: 'DEVICE_ALREADY_DETACHED',
    });
  });

  it('tells of cards that come and go', async () => {
    const more = nic(3);
    await opened.compute.attachNic(spec.uuid, more);
    await eventually(() => guest?.networks.has('3/ipv6/0') === true || guest?.networks.has('3/ip') === true, SOON);
    await opened.compute.detachNic(spec.uuid, more.vif, true);
    await eventually(() => ![...(guest?.networks.keys() ?? [])].some((key) => key.startsWith('3/')), SOON);
    expect(await host.virsh('domiflist', spec.uuid, '--inactive')).not.toContain(more.mac);
  });

  it('runs on while its file systems are frozen, and is thawed after work that failed', async () => {
    const states: string[] = [];
    await opened.compute.hold(spec.uuid, true, async () => {
      states.push(await host.virsh('domstate', spec.uuid));
    });
    expect(states).toEqual(['running']);
    await expect(opened.compute.hold(spec.uuid, true, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await askAgent(host, spec.uuid, 'guest-fsfreeze-status')).toBe('thawed');
  });

  it('takes a CPU and gives memory back', async () => {
    await opened.compute.setVcpus(spec.uuid, 2);
    expect(await host.virsh('vcpucount', spec.uuid, '--live')).toBe('2');
    const target = await opened.compute.setMemoryRange(spec.uuid, 160 * MIB, 192 * MIB);
    expect(target).toBe(192 * MIB);
    await eventually(async () => {
      const [state] = await opened.compute.list();
      return state?.memory === target;
    }, SOON);
    await expect(opened.compute.setMemoryRange(spec.uuid, 192 * MIB, 160 * MIB)).rejects.toMatchObject({
      code: 'MEMORY_CONSTRAINT_VIOLATION_ORDER',
    });
  });

  it('says nothing twice, and falls silent when it ends', async () => {
    const before = changes;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(changes - before).toBeLessThanOrEqual(1);
    await opened.compute.hardShutdown(spec.uuid);
    await eventually(() => guest === undefined, SOON);
    expect(opened.warnings).toEqual([]);
  });
});
