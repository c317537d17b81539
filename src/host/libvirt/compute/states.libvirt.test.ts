import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import type { DomainSpec, DomainState } from '../../compute.js';
import { eventually, recordedWatch } from '../../contract/watch.js';
import { bareDomain } from './testing/bare-domain.js';
import { type OpenedCompute, openCompute, removeDomains } from './testing/open-compute.js';
import { RawVolumes } from './testing/raw-volumes.js';

/** Milliseconds in which what happens outside must show. */
const SOON = 1000;

describe('states of domains', () => {
  let host: LabHost;
  let volumes: RawVolumes;
  let opened: OpenedCompute;
  let told: DomainState[];
  let changes: string[];

  beforeAll(async () => {
    host = await startHost();
    volumes = new RawVolumes(host.shared);
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    opened = await openCompute(host, volumes);
    told = [];
    changes = [];
    opened.compute.onState((state) => told.push(state));
    opened.compute.onDefinition((uuid, what) => changes.push(`${what} ${uuid}`));
  });
  afterEach(async () => {
    await opened.close();
    await removeDomains(host);
  });

  const started = async (more?: Partial<DomainSpec>): Promise<DomainSpec> => {
    const spec = bareDomain(more);
    await opened.compute.start(spec, false, recordedWatch());
    return spec;
  };
  const last = (uuid: string): DomainState | undefined => told.findLast((state) => state.uuid === uuid);
  const shows = (uuid: string, power: DomainState['power']): Promise<void> => eventually(() => last(uuid)?.power === power, SOON);
  const listed = async (uuid: string): Promise<DomainState | undefined> =>
    (await opened.compute.list()).find((state) => state.uuid === uuid);
  const kill = async (name: string): Promise<void> => {
    const pid = (await host.qemuPids()).get(name);
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
  };
  const written = async (name: string, xml: string): Promise<string> => {
    const path = join(host.shared, `${name}.xml`);
    await writeFile(path, xml);
    return path;
  };
  const foreign = (name: string): string =>
    `<domain type='qemu'><name>${name}</name><memory>32768</memory><os><type>hvm</type></os></domain>`;

  it('follow what others do', async () => {
    const { uuid } = await started();
    const first = last(uuid);
    await host.virsh('suspend', uuid);
    await shows(uuid, 'Paused');
    await host.virsh('resume', uuid);
    await shows(uuid, 'Running');
    await host.virsh('destroy', uuid);
    await shows(uuid, 'Halted');
    expect(last(uuid)).toMatchObject({ domid: -1 });
    expect(last(uuid)?.ended).toBeUndefined();
    await host.virsh('start', uuid);
    await shows(uuid, 'Running');
    expect(last(uuid)?.domid).not.toBe(first?.domid);
    expect(told.map(({ power }) => power)).toEqual(['Running', 'Paused', 'Running', 'Halted', 'Running']);
  });

  it('show a reboot as a new beginning', async () => {
    const { uuid } = await started();
    const before = last(uuid);
    await new Promise((resolve) => setTimeout(resolve, SOON));
    await host.virsh('reset', uuid);
    await eventually(() => (last(uuid)?.startedAt ?? 0) > (before?.startedAt ?? 0), SOON);
    expect(last(uuid)).toMatchObject({ power: 'Running', domid: before?.domid });
  });

  it('tell a guest that reboots from one that shuts down, also where both end the domain', async () => {
    const { uuid } = bareDomain();
    const boots = (reboot: string): string =>
      `<domain type='qemu'><name>resets</name><uuid>${uuid}</uuid><memory>32768</memory>
       <os><type>hvm</type><bios rebootTimeout='0'/></os><on_reboot>${reboot}</on_reboot></domain>`;
    await host.virsh('create', await written('resets', boots('destroy')));
    await eventually(() => last(uuid)?.power === 'Halted', 30_000);
    expect(last(uuid)).toMatchObject({ ended: 'reboot' });
  });

  it('show a crash', async () => {
    const { uuid, name } = await started();
    await kill(name);
    await eventually(() => last(uuid)?.power === 'Halted', 10_000);
    expect(last(uuid)).toMatchObject({ ended: 'crash', domid: -1 });
    expect(await listed(uuid)).toMatchObject({ power: 'Halted', ended: 'crash' });
  });

  it('show domains that appear and go', async () => {
    const { uuid } = bareDomain();
    const path = await written('appears', foreign('appears').replace('</name>', `</name><uuid>${uuid}</uuid>`));
    await host.virsh('create', path);
    await shows(uuid, 'Running');
    await eventually(() => changes.includes(`changed ${uuid}`), SOON);
    const [found] = await opened.compute.describe();
    expect(found).toMatchObject({ uuid, name: 'appears', persistent: false, autostart: false });
    await host.virsh('destroy', uuid);
    await shows(uuid, 'Halted');
    await eventually(() => changes.includes(`removed ${uuid}`), SOON);
    expect(await opened.compute.describeOne(uuid)).toBeUndefined();
    expect(await listed(uuid)).toBeUndefined();

    await host.virsh('define', path);
    await eventually(async () => (await listed(uuid))?.power === 'Halted', SOON);
    await host.virsh('autostart', uuid);
    expect(await opened.compute.describeOne(uuid)).toMatchObject({ uuid, persistent: true, autostart: true });
    await host.virsh('undefine', uuid);
    await eventually(() => changes.at(-1) === `removed ${uuid}`, SOON);
  });

  it('are the same for the next process', async () => {
    const one = await started();
    const other = await started();
    const image = await volumes.make(opened.compute.memoryImageSize(other));
    await opened.compute.suspend(other.uuid, image, recordedWatch());
    const before = await listed(one.uuid);
    await eventually(async () => (await host.virsh('dumpxml', one.uuid)).includes(`at="${before?.startedAt}"`), SOON);
    await opened.close();
    await host.restartLibvirtd();
    opened = await openCompute(host, volumes);
    expect(await listed(one.uuid)).toEqual(before);
    expect(await listed(other.uuid)).toMatchObject({ power: 'Suspended', domid: -1 });
    await opened.compute.hardShutdown(other.uuid);
    expect(await listed(other.uuid)).toMatchObject({ power: 'Halted' });
    expect(await host.virsh('dumpxml', one.uuid, '--inactive')).not.toContain('started');
  });

  it('are halted for what virsh has saved: a start goes on from there', async () => {
    const spec = await started();
    await host.virsh('managedsave', spec.uuid);
    await shows(spec.uuid, 'Halted');
    await opened.compute.start(spec, false, recordedWatch());
    expect(await host.virsh('domstate', '--reason', spec.uuid)).toBe('running (restored)');
  });

  it('are made up for when libvirt was away', async () => {
    const stays = await started();
    const dies = await started();
    const starts = bareDomain();
    await opened.compute.define(starts);
    const before = last(stays.uuid);
    await host.killLibvirtd();
    await eventually(() => !opened.session.connected);
    await expect(opened.compute.list()).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    await kill(dies.name);
    await host.libvirtd.start();
    await host.virsh('start', starts.uuid);
    await eventually(() => last(starts.uuid)?.power === 'Running' && last(dies.uuid)?.power === 'Halted', 20_000);
    expect(last(stays.uuid)).toEqual(before);
    expect(await listed(stays.uuid)).toMatchObject({ power: 'Running', domid: before?.domid, startedAt: before?.startedAt });
    await host.virsh('suspend', stays.uuid);
    await shows(stays.uuid, 'Paused');
  });
});
