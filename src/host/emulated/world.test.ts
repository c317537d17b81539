import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainSpec, DomainState, GuestState } from '../compute.js';
import { eventually, recordedWatch } from '../contract/watch.js';
import { openWorld, type TestShape, type TestWorld, temporaryDirectory } from './test-world.js';
import { createWorld, type EmulatedWorld } from './world.js';

const MIB = 2 ** 20;

describe('emulated world', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let worlds: EmulatedWorld[];

  beforeEach(async () => {
    directory = await temporaryDirectory();
    worlds = [];
  });
  afterEach(async () => {
    for (const world of worlds) await world.close();
    await directory.remove();
  });

  const open = async (shape: TestShape = { hosts: 2 }, warnings?: string[]): Promise<TestWorld> => {
    const onWarning = warnings && { onWarning: (message: string) => warnings.push(message) };
    const world = await openWorld(directory.path, { ...shape, ...onWarning });
    worlds.push(world);
    return world;
  };
  const shut = async (world: EmulatedWorld): Promise<void> => {
    worlds = worlds.filter((one) => one !== world);
    await world.close();
  };
  const hostOf = (world: EmulatedWorld, number = 0) => {
    const host = world.hosts[number];
    if (host === undefined) throw new Error(`there is no host ${number}`);
    return host;
  };
  const spec = (changes: Partial<DomainSpec> = {}): DomainSpec => ({
    uuid: newUuid(),
    name: 'domain',
    description: '',
    vcpus: { max: 1, online: 1, params: new Map() },
    memory: { staticMax: 64 * MIB, dynamicMax: 64 * MIB, dynamicMin: 64 * MIB, target: 64 * MIB },
    boot: { kind: 'hvm', params: new Map() },
    platform: new Map([['acpi', '1']]),
    guestData: new Map(),
    disks: [],
    nics: [],
    after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
    ...changes,
  });

  it('is the same in the next process, whatever its options say by then', async () => {
    const world = await open({ hosts: 2, nics: 3 });
    const facts = world.hosts.map((host) => host.facts);
    expect(world.isNew).toBe(true);
    await shut(world);
    const again = await open({ hosts: 5 });
    expect(again.isNew).toBe(false);
    expect(again.hosts.map((host) => host.facts)).toEqual(facts);
  });

  it('can be made again from a seed', async () => {
    const world = await open({ hosts: 2, seed: 'x' });
    const uuids = world.hosts.map(({ facts }) => facts.uuid);
    const macs = (await hostOf(world).network.interfaces()).map(({ mac }) => mac);
    expect(macs.every((mac) => mac.startsWith('02:'))).toBe(true);
    await shut(world);
    await rm(join(directory.path, 'emulated'), { recursive: true });
    const again = await open({ hosts: 2, seed: 'x' });
    expect(again.hosts.map(({ facts }) => facts.uuid)).toEqual(uuids);
    expect((await hostOf(again).network.interfaces()).map(({ mac }) => mac)).toEqual(macs);
  });

  it('has hosts that are known from elsewhere as they are', async () => {
    const lease = { address: '192.0.2.7', netmask: '255.255.255.0', gateway: '192.0.2.1', dns: '192.0.2.2' };
    const host = {
      name: 'alpha',
      hostname: 'alpha.example',
      memory: 8192 * MIB,
      cpu: { sockets: 1, coresPerSocket: 4, threadsPerCore: 1 },
      uuid: '8a5f7c11-1111-3333-0333-0242ac110002',
      managementDevice: 'eth4',
      controlDomainMemory: 512 * MIB,
      nics: [{ carrier: true, speed: 10_000, device: 'eth4', mac: '0c:c4:7a:00:00:01' }],
      leases: new Map([['eth4', lease]]),
    };
    const make = async (): Promise<EmulatedWorld> => {
      const world = await createWorld({ dataDir: directory.path, hosts: [host], origin: 'dump' });
      worlds.push(world);
      return world;
    };
    const first = await make();
    await shut(first);
    const again = await make();
    for (const world of [first, again]) {
      expect(world.origin).toBe('dump');
      const { facts, network } = hostOf(world);
      const { uuid, hostname, memory: memoryTotal, controlDomainMemory } = host;
      const management = { address: lease.address, managementDevice: 'eth4' };
      expect(facts).toMatchObject({ uuid, hostname, memoryTotal, controlDomainMemory, ...management });
      expect(await network.interfaces()).toMatchObject([{ device: 'eth4', mac: '0c:c4:7a:00:00:01', speed: 10_000 }]);
      expect(await network.addresses('eth4')).toMatchObject({ ipv4: [{ address: '192.0.2.7' }], gateway: '192.0.2.1' });
    }
  });

  it('lets domains go on when the process was killed', async () => {
    const world = await open({ hosts: 2, tools: false });
    const [running, paused, halted] = [spec(), spec(), spec()];
    const { compute } = hostOf(world);
    await compute.start(running, false, recordedWatch());
    await compute.start(paused, true, recordedWatch());
    await compute.start(halted, false, recordedWatch());
    await compute.hardShutdown(halted.uuid);
    world.setTools(running.uuid, true);
    const guests: unknown[] = [];
    compute.onGuest((_uuid, state) => guests.push(state));
    await eventually(() => guests.length > 0);
    const before = await compute.list();
    // Another process opens what this one never closed.
    const again = await open({ tools: false });
    expect(await hostOf(again).compute.list()).toEqual(before);
    expect(before.map(({ power }) => power).sort()).toEqual(['Paused', 'Running']);
    expect(await hostOf(again).freeMemory()).toBe(await hostOf(world).freeMemory());
    const heard: (readonly [string, GuestState | undefined])[] = [];
    hostOf(again).compute.onGuest((uuid, state) => heard.push([uuid, state]));
    await eventually(() => heard.length > 0);
    expect(heard.map(([uuid]) => uuid)).toEqual([running.uuid]);
    await hostOf(again).compute.start(halted, false, recordedWatch());
    const numbers = (await hostOf(again).compute.list()).map(({ domid }) => domid);
    expect(new Set(numbers).size).toBe(3);
  });

  it('starts empty with a warning when its file is no journal', async () => {
    await shut(await open());
    writeFileSync(join(directory.path, 'emulated', 'world.journal'), 'nonsense');
    const warnings: string[] = [];
    const world = await open({ hosts: 1 }, warnings);
    expect(warnings).toHaveLength(1);
    expect(world.isNew).toBe(true);
    expect(world.hosts).toHaveLength(1);
  });

  it('does what the settings say when a guest ends by itself', async () => {
    const world = await open();
    const { compute } = hostOf(world);
    const states: DomainState[] = [];
    compute.onState((state) => states.push(state));
    const after = { shutdown: 'destroy', reboot: 'restart', crash: 'destroy' };
    const domain = spec({ after });
    await compute.start(domain, false, recordedWatch());
    const first = states.at(-1)?.domid ?? 0;
    world.guestDoes(domain.uuid, 'reboot');
    expect(states.at(-1)).toMatchObject({ power: 'Running' });
    expect(states.at(-1)?.domid).toBeGreaterThan(first);
    world.guestDoes(domain.uuid, 'shutdown');
    expect(states.at(-1)).toMatchObject({ power: 'Halted', domid: -1, ended: 'shutdown' });
    expect(() => world.guestDoes(domain.uuid, 'crash')).toThrow(/VM_BAD_POWER_STATE/);
    await compute.start(domain, false, recordedWatch());
    world.guestDoes(domain.uuid, 'crash');
    expect(states.at(-1)).toMatchObject({ power: 'Halted', ended: 'crash' });
    const kept = spec({ after: { ...after, crash: 'preserve' } });
    await compute.start(kept, false, recordedWatch());
    world.guestDoes(kept.uuid, 'crash');
    expect(states.at(-1)).toMatchObject({ power: 'Paused', ended: 'crash' });
  });

  it('shuts down guests that listen and no others', async () => {
    const world = await open({ tools: false });
    const { compute } = hostOf(world);
    const deaf = spec({ platform: new Map([['acpi', '0']]) });
    const buttoned = spec();
    for (const domain of [deaf, buttoned]) await compute.start(domain, false, recordedWatch());
    await expect(compute.cleanShutdown(deaf.uuid, recordedWatch())).rejects.toMatchObject({
      code: 'VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT',
    });
    await compute.cleanShutdown(buttoned.uuid, recordedWatch());
    world.setTools(deaf.uuid, true);
    await eventually(async () => {
      try {
        await compute.cleanShutdown(deaf.uuid, recordedWatch());
        return true;
      } catch {
        return false;
      }
    });
  });

  it('takes its time, moves progress, and stops when it is cancelled', async () => {
    const world = await open({ delays: { start: 400, shutdown: 60_000 } });
    const { compute } = hostOf(world);
    const domain = spec();
    const watch = recordedWatch();
    const starting = compute.start(domain, false, watch);
    await eventually(() => watch.shares.length > 0);
    expect(await compute.list()).toEqual([]);
    await expect(compute.start(domain, false, recordedWatch())).rejects.toMatchObject({ code: 'VM_BAD_POWER_STATE' });
    await starting;
    expect(watch.shares.length).toBeGreaterThan(5);
    const stop = recordedWatch();
    const stopping = compute.cleanShutdown(domain.uuid, stop);
    stop.cancel();
    await expect(stopping).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(await compute.list()).toMatchObject([{ power: 'Running' }]);
    // A clean shutdown that is overtaken by a hard one has what it wanted.
    const overtaken = compute.cleanShutdown(domain.uuid, recordedWatch());
    await compute.hardShutdown(domain.uuid);
    await overtaken;
  });

  it('gives up a start that is cancelled half way, with its memory', async () => {
    const world = await open({ delays: { start: 60_000 } });
    const host = hostOf(world);
    const free = await host.freeMemory();
    const watch = recordedWatch();
    const starting = host.compute.start(spec(), false, watch);
    expect(await host.freeMemory()).toBeLessThan(free);
    watch.cancel();
    await expect(starting).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(await host.freeMemory()).toBe(free);
  });

  it('takes memory back from guests when another one needs it', async () => {
    const world = await open({ hosts: 1, hostMemory: 2 ** 31 });
    const host = hostOf(world);
    const states: DomainState[] = [];
    host.compute.onState((state) => states.push(state));
    const memory = { staticMax: 900 * MIB, dynamicMax: 900 * MIB, dynamicMin: 300 * MIB, target: 900 * MIB };
    const [first, second] = [spec({ memory }), spec({ memory })];
    await host.compute.start(first, false, recordedWatch());
    await eventually(() => states.at(-1)?.memory === 900 * MIB);
    await host.compute.start(second, false, recordedWatch());
    await eventually(async () => (await host.compute.list()).every((state) => (state.memory ?? 0) < 900 * MIB));
    for (const { memory: now } of await host.compute.list()) expect(now).toBeGreaterThanOrEqual(300 * MIB);
    await host.compute.hardShutdown(second.uuid);
    expect((await host.compute.list()).map((state) => state.memory)).toEqual([900 * MIB]);
  });

  it('loses its domains when a host loses power, and refuses work until it is up', async () => {
    const world = await open({ hosts: 1, delays: { hostBoot: 20 } });
    const host = hostOf(world);
    const lives: boolean[] = [];
    host.power.onLive((live) => lives.push(live));
    const domain = spec();
    await host.compute.start(domain, false, recordedWatch());
    const bootedAt = host.facts.bootedAt;
    await host.power.reboot();
    expect(lives).toEqual([false]);
    expect(await host.compute.list()).toEqual([]);
    await expect(host.compute.start(domain, false, recordedWatch())).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    expect(await host.metrics.sample()).toEqual([]);
    await eventually(() => lives.length === 2);
    expect(lives).toEqual([false, true]);
    expect(host.facts.bootedAt).toBeGreaterThanOrEqual(bootedAt);
    await host.compute.start(domain, false, recordedWatch());
  });

  it('resumes a copy of a VM from a copy of its memory, but not from the memory itself', async () => {
    const world = await open();
    const host = hostOf(world);
    const sr = world.srs.find(({ spec: { type } }) => type === 'nfs')?.spec.uuid ?? '';
    const domain = spec();
    const volume = { uuid: newUuid(), name: '', description: '', smConfig: new Map<string, string>() };
    const { location } = await host.storage.createVolume(sr, { ...volume, virtualSize: host.compute.memoryImageSize(domain) });
    await host.compute.start(domain, false, recordedWatch());
    await host.compute.suspend(domain.uuid, { sr, location }, recordedWatch());
    const copy = await host.storage.cloneVolume({ sr, location }, newUuid());
    const twin = { ...domain, uuid: newUuid() };
    const resume = (from: string): Promise<void> => host.compute.resume(twin, { sr, location: from }, false, recordedWatch());
    await expect(resume(location)).rejects.toMatchObject({ code: 'SUSPEND_IMAGE_NOT_ACCESSIBLE' });
    await resume(copy.location);
  });
});
