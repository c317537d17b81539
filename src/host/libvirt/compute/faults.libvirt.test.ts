import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { BRIDGE } from '../../../../test-support/libvirt/host/network.js';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec, NicSpec } from '../../compute.js';
import { eventually, recordedWatch } from '../../contract/watch.js';
import type { NicRules } from '../nic-rules.js';
import { runsGuests } from './domain-type.js';
import { bareDisk, bareDomain, bareNic } from './testing/bare-domain.js';
import { type OpenedCompute, openCompute, removeDomains } from './testing/open-compute.js';
import { RawVolumes } from './testing/raw-volumes.js';

const MIB = 2 ** 20;

/** Answers a refusal for something else being done at the moment with "not yet", and throws others on. */
function isBusy(thrown: unknown): false {
  if (thrown instanceof ApiError && thrown.code === 'OTHER_OPERATION_IN_PROGRESS') return false;
  throw thrown;
}

/** Rules that tell what the domain did when they came. */
class Rules implements NicRules {
  readonly seen: string[] = [];
  broken = false;
  private readonly host: () => LabHost;

  constructor(host: () => LabHost) {
    this.host = host;
  }

  needed({ locking }: NicSpec): boolean {
    return locking.mode !== 'unlocked';
  }

  async apply(tap: string): Promise<void> {
    if (this.broken) throw new Error('no rules today');
    this.seen.push(`${tap.replace(/\d+$/, '')} ${await this.host().virsh('list', '--state-paused', '--name')}`);
  }

  async drop(): Promise<void> {}
}

describe('compute under bad conditions', () => {
  let host: LabHost;
  let volumes: RawVolumes;
  let rules: Rules;
  let opened: OpenedCompute;

  beforeAll(async () => {
    host = await startHost();
    volumes = new RawVolumes(host.shared);
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    rules = new Rules(() => host);
    opened = await openCompute(host, volumes, { rules });
  });
  afterEach(async () => {
    await opened.close();
    await removeDomains(host);
  });

  const start = (spec: DomainSpec, paused = false): Promise<void> => opened.compute.start(spec, paused, recordedWatch());
  const state = (uuid: string): Promise<string> => host.virsh('domstate', uuid);
  const power = async (uuid: string): Promise<string | undefined> =>
    (await opened.compute.list()).find((one) => one.uuid === uuid)?.power;

  it('does not leave a domain standing still when libvirt goes away meanwhile', async () => {
    const spec = bareDomain();
    await start(spec);
    const held = opened.compute.hold(spec.uuid, false, () => host.killLibvirtd());
    await expect(held).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    await host.libvirtd.start();
    await eventually(() => opened.session.connected, 15_000);
    await eventually(async () => (await state(spec.uuid)) === 'running', 5000);
    await eventually(async () => (await power(spec.uuid)) === 'Running', 5000);
  });

  it('refuses more CPUs than any QEMU has, without making a description of them', async () => {
    const spec = bareDomain({ vcpus: { max: 2 ** 31, online: 1, params: new Map() } });
    await expect(opened.compute.define(spec)).rejects.toMatchObject({ code: 'VM_TOO_MANY_VCPUS', params: [spec.uuid] });
  });

  it('says which volume is missing', async () => {
    const volume = await volumes.make(MIB);
    const spec = bareDomain({ disks: [bareDisk(volume)] });
    await opened.compute.define(spec);
    // It goes after compute has looked.
    const source = volumes.source.bind(volumes);
    volumes.source = async (address) => {
      const found = await source(address);
      await rm(found.path);
      return found;
    };
    await expect(start(spec)).rejects.toMatchObject({ code: 'VDI_MISSING', params: [volume.sr, volume.location] });
    volumes.source = source;
    expect(await power(spec.uuid)).toBe('Halted');
  });

  it('does not let two machines write to one volume', async () => {
    const volume = await volumes.make(MIB);
    await start(bareDomain({ disks: [bareDisk(volume)] }));
    const second = bareDomain({ disks: [bareDisk(volume)] });
    await expect(start(second)).rejects.toMatchObject({ code: 'VDI_IN_USE', params: [volume.location, 'attach'] });
    expect(await power(second.uuid)).toBe('Halted');
  });

  it('says which bridge is missing', async () => {
    const spec = bareDomain({ nics: [bareNic('nobridge0')] });
    await expect(start(spec)).rejects.toMatchObject({ code: 'BRIDGE_NOT_AVAILABLE', params: ['nobridge0'] });
    expect(await power(spec.uuid)).toBe('Halted');
  });

  it('gives libvirt’s text where the model has no error', async () => {
    const spec = bareDomain({ vcpus: { max: 1, online: 1, params: new Map([['mask', '4000']]) } });
    const refused = { code: 'INTERNAL_ERROR', params: [expect.stringMatching(/^libvirt: ./)] };
    await expect(start(spec)).rejects.toMatchObject(refused);
  });

  it.each([
    ['quotes and markup', `"double" 'single' <b>&amp;</b> ]]>`],
    ['any script', 'Überraschung 日本語 🐧 \u0430\u0301 عربى'],
    ['a path', '../../etc/passwd'],
    ['nothing', ''],
    ['more than a file name holds', 'ä'.repeat(300)],
    ['lines and controls', 'one\ntwo\tthree\u0007'],
  ])('takes names with %s', async (_, name) => {
    const spec = bareDomain({ name, description: `${name}\n${name}` });
    await start(spec);
    expect(await opened.compute.describeOne(spec.uuid)).toMatchObject({ name, description: spec.description });
    await opened.compute.hardShutdown(spec.uuid);
    await opened.compute.forget(spec.uuid);
    expect(await host.virsh('list', '--all', '--name')).toBe('');
  });

  it('takes several of one name, and another name', async () => {
    const one = bareDomain({ name: 'same' });
    const two = bareDomain({ name: 'same' });
    await Promise.all([start(one), start(two)]);
    expect((await host.virsh('list', '--name')).split('\n').filter(Boolean).sort()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^same/), expect.stringMatching(/^same \([0-9a-f]{8}\)$/)]),
    );
    await opened.compute.define({ ...one, name: 'changed' });
    expect(await opened.compute.describeOne(one.uuid)).toMatchObject({ name: 'changed' });
    await opened.compute.hardShutdown(one.uuid);
    await start({ ...one, name: 'changed' });
    expect(await host.virsh('domname', one.uuid)).toBe('changed');
  });

  it('lets one of two clients win', async () => {
    const spec = bareDomain();
    const starts = await Promise.allSettled([start(spec), start(spec)]);
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(starts.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'VM_BAD_POWER_STATE' } });
    const ends = await Promise.allSettled([
      opened.compute.hardShutdown(spec.uuid),
      opened.compute.hardReboot(spec, recordedWatch()),
      opened.compute.pause(spec.uuid),
    ]);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toHaveProperty('code', 'VM_BAD_POWER_STATE');
    expect(await power(spec.uuid)).toBe({ running: 'Running', paused: 'Paused', 'shut off': 'Halted' }[await state(spec.uuid)]);
  });

  it('starts nothing that virsh has started this very moment', async () => {
    const spec = bareDomain();
    await opened.compute.define(spec);
    const [, started] = await Promise.allSettled([host.virsh('start', spec.uuid), start(spec)]);
    if (started?.status === 'rejected') expect(started.reason).toHaveProperty('code', 'VM_BAD_POWER_STATE');
    expect(await state(spec.uuid)).toBe('running');
    await eventually(async () => (await power(spec.uuid)) === 'Running');
  });

  it('goes on when a domain is undefined under its feet', async () => {
    const spec = bareDomain();
    await opened.compute.define(spec);
    await host.virsh('undefine', spec.uuid);
    await start(spec);
    await host.virsh('undefine', spec.uuid);
    await opened.compute.hardReboot(spec, recordedWatch());
    expect(await host.virsh('list', '--persistent', '--uuid')).toContain(spec.uuid);
    await host.virsh('undefine', spec.uuid);
    await opened.compute.hardShutdown(spec.uuid);
    await opened.compute.forget(spec.uuid);
    await expect(opened.compute.pause(spec.uuid)).rejects.toMatchObject({
      code: 'VM_BAD_POWER_STATE',
      params: [spec.uuid, 'running', 'halted'],
    });
  });

  it('keeps what it does not know of a foreign description, and tells libvirt nothing when nothing is new', async () => {
    const { uuid } = bareDomain();
    const path = join(host.shared, 'foreign.xml');
    await writeFile(
      path,
      `<domain type='qemu'><name>foreign</name><uuid>${uuid}</uuid><memory>32768</memory><os><type>hvm</type></os>
       <metadata><other:thing xmlns:other='urn:other'>kept</other:thing></metadata>
       <devices><watchdog model='i6300esb' action='reset'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>`,
    );
    await host.virsh('define', path);
    await eventually(async () => (await power(uuid)) === 'Halted');
    const found = await opened.compute.describeOne(uuid);
    if (found === undefined) throw new Error('it was defined');
    await opened.compute.define({ ...found, description: 'edited' });
    const edited = await host.virsh('dumpxml', uuid, '--inactive');
    for (const part of ['kept', 'i6300esb', '/dev/urandom', 'edited']) expect(edited).toContain(part);
    const changes: string[] = [];
    opened.compute.onDefinition((changed) => changes.push(changed));
    await opened.compute.define({ ...found, description: 'edited' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(changes).toEqual([]);
    expect(await host.virsh('dumpxml', uuid, '--inactive')).toBe(edited);
  });

  it('lets no guest run before its cards have their rules', async () => {
    const locking = { mode: 'locked', ipv4: ['192.0.2.1'], ipv6: [] } as const;
    const spec = bareDomain({ name: 'ruled', nics: [bareNic(BRIDGE, { locking })] });
    await start(spec);
    expect(rules.seen).toEqual(['vnet ruled']);
    expect(await state(spec.uuid)).toBe('running');
    await opened.compute.hardShutdown(spec.uuid);
    rules.broken = true;
    await expect(start(spec)).rejects.toThrow('no rules today');
    expect(await state(spec.uuid)).toBe('shut off');
    expect(await power(spec.uuid)).toBe('Halted');
  });

  it('is not in doubt when libvirt goes away in the middle', async () => {
    const spec = bareDomain();
    const starting = start(spec);
    const settled = Promise.allSettled([starting]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await host.killLibvirtd();
    const [outcome] = await settled;
    if (outcome?.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'HOST_OFFLINE', params: [host.name] });
    await host.libvirtd.start();
    await eventually(() => opened.session.connected, 20_000);
    const domstate = await state(spec.uuid).catch(() => 'shut off');
    await eventually(async () => ((await power(spec.uuid)) === 'Running') === (domstate === 'running'));
    // Whatever became of it, it can be started from there; libvirt may have to wait for QEMU before it lets go of it.
    await eventually(() => opened.compute.hardShutdown(spec.uuid).then(() => true, isBusy), 180_000);
    await start(spec);
    expect(await state(spec.uuid)).toBe('running');
  }, 240_000);

  it('gives up a guest that does not shut down, when it is told to', async () => {
    const spec = bareDomain();
    await start(spec);
    const watch = recordedWatch();
    const shutdown = opened.compute.cleanShutdown(spec.uuid, watch);
    setTimeout(() => watch.cancel(), 300);
    await expect(shutdown).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(await state(spec.uuid)).toBe('running');
  });

  it('finds out whether guests run', async () => {
    expect(await runsGuests(opened.session, 'qemu', 60_000)).toBe(true);
    expect(await runsGuests(opened.session, 'qemu', 1)).toBe(false);
    expect(await host.virsh('list', '--all', '--name')).toBe('');
  });
});
