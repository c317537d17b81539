import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../test-support/libvirt/execute.js';
import { guestDomainXml, untilAgentAnswers } from '../../test-support/libvirt/guest-domain.js';
import { until } from '../../test-support/libvirt/until.js';
import { cached, onlyCached, refIn, refsIn, told, toldGone } from './support/client-cache.js';
import { coloursOn, connectConsole } from './support/console-client.js';
import { type ForeignDomain, foreignDomainXml } from './support/foreign-domain.js';
import { kvmGateway } from './support/gateway.js';
import { type Leftovers, leftovers } from './support/leftovers.js';
import { addCard, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// What somebody does with virsh shows in a client of the gateway, and the other way round.
const gateway = kvmGateway();

const MiB = 2 ** 20;

/** Milliseconds until a change of which libvirt tells nobody has been found by looking. */
const LOOKED = 45_000;

/** Milliseconds until an SR has been made and everything in it looked at. */
const SR_MADE = 10_000;

/** A domain with a running guest. */
const GUEST = { name: 'guest', uuid: randomUUID(), mac: '52:54:00:00:00:01' };

let before: Leftovers;

beforeAll(async () => {
  const { host, guest } = gateway;
  before = await leftovers(gateway);
  await host.define(guestDomainXml(guest, GUEST));
  await host.virsh('start', GUEST.name);
});

async function image(path: string, size = '16M'): Promise<string> {
  await execute('qemu-img', ['create', '-q', '-f', 'qcow2', path, size]);
  return path;
}

/** Defines a domain and resolves with its VM. */
async function defined(domain: Omit<ForeignDomain, 'uuid'>, patience?: number): Promise<{ uuid: string; vm: string }> {
  const uuid = randomUUID();
  await gateway.host.define(foreignDomainXml({ ...domain, uuid }));
  const { $ref } = await told(gateway.xapi, 'VM', { uuid }, patience);
  return { uuid, vm: $ref };
}

const xmlOf = (uuid: string) => gateway.host.virsh('dumpxml', '--inactive', '--security-info', uuid);

describe('a domain of another origin', () => {
  it('appears with its own uuid, its disks in an SR of their directory, and its cards', async () => {
    const { xapi, host } = gateway;
    const directory = join(host.shared, 'disks of others');
    await mkdir(directory);
    const disk = await image(join(directory, 'one.qcow2'), '24M');
    await image(join(directory, 'nobody.qcow2'));
    const mac = '52:54:00:00:00:02';
    const { uuid, vm } = await defined({ name: 'foreign', disk, mac }, SR_MADE);
    expect(xapi.getObjectByRef(vm)).toMatchObject({
      name_label: 'foreign',
      power_state: 'Halted',
      is_a_template: false,
      memory_static_max: 32 * MiB,
      VCPUs_max: 2,
      VCPUs_at_startup: 1,
    });
    const vbd = onlyCached(xapi, 'VBD', { VM: vm });
    expect(vbd).toMatchObject({ type: 'Disk', mode: 'RW', bootable: true });
    const vdi = xapi.getObjectByRef(refIn(vbd, 'VDI'));
    expect(vdi).toMatchObject({ virtual_size: 24 * MiB, location: expect.stringContaining('one.qcow2') });
    const sr = xapi.getObjectByRef(refIn(vdi, 'SR'));
    expect(refsIn(sr, 'VDIs')).toHaveLength(2);
    expect(onlyCached(xapi, 'PBD', { SR: sr.$ref })).toMatchObject({
      currently_attached: true,
      device_config: { location: directory },
    });
    expect(onlyCached(xapi, 'VIF', { VM: vm })).toMatchObject({
      MAC: mac,
      network: onlyCached(xapi, 'network', { bridge: 'xenbr0' }).$ref,
    });

    await host.virsh('undefine', uuid);
    await toldGone(xapi, 'VM', { uuid });
    expect(cached(xapi, 'VBD', { VM: vm })).toEqual([]);
    expect(xapi.getObjectByRef(vdi.$ref)).toBeDefined();
    expect(cached(xapi, 'message', { name: 'VM_DELETED', obj_uuid: uuid })).toHaveLength(1);

    await xapi.callAsync('PBD.unplug', onlyCached(xapi, 'PBD', { SR: sr.$ref }).$ref);
    await xapi.callAsync('SR.forget', sr.$ref);
    await rm(directory, { recursive: true });
  });

  it('appears when it is transient, and goes with its end', async () => {
    const { xapi, host } = gateway;
    const uuid = randomUUID();
    await host.create(foreignDomainXml({ name: 'transient', uuid }));
    await told(xapi, 'VM', { uuid, power_state: 'Running' });
    await host.virsh('destroy', uuid);
    await toldGone(xapi, 'VM', { uuid });
  });

  it('may be called what it likes', async () => {
    const { xapi, host } = gateway;
    const { uuid, vm } = await defined({ name: 'näme "with" &lt;x&gt; &amp; 雪 \'quotes\'' });
    expect(xapi.getObjectByRef(vm).name_label).toBe('näme "with" <x> & 雪 \'quotes\'');
    await host.virsh('domrename', uuid, 'plain');
    await told(xapi, 'VM', { uuid, name_label: 'plain' });
    await host.virsh('desc', uuid, '--config', '<b>"described" & 雪</b>');
    await told(xapi, 'VM', { uuid, name_description: '<b>"described" & 雪</b>' });
    await host.virsh('desc', uuid, '--config', '--title', 'a/b "c" <d> & 雪');
    await told(xapi, 'VM', { uuid, name_label: 'a/b "c" <d> & 雪' });
    await host.virsh('undefine', uuid);
    await toldGone(xapi, 'VM', { uuid });
  });

  it('keeps what is not in the model when a client edits its VM', async () => {
    const { xapi, host } = gateway;
    const elements = `<metadata><app:state xmlns:app="urn:example:app" level="3"><app:note>a &amp; b</app:note></app:state></metadata>
      <qemu:commandline><qemu:arg value="-fw_cfg"/><qemu:arg value="name=opt/test,string=1"/></qemu:commandline>`;
    const devices = `<hostdev mode="subsystem" type="pci" managed="yes"><source><address domain="0x0000" bus="0x06" slot="0x02" function="0x0"/></source></hostdev>
      <watchdog model="i6300esb" action="poweroff"/>`;
    const { uuid, vm } = await defined({ name: 'special', elements, devices });
    await xapi.call('VM.set_name_label', vm, 'edited');
    await xapi.call('VM.set_name_description', vm, 'by a client');
    await xapi.call('VM.set_VCPUs_at_startup', vm, 2);
    await xapi.call('VM.set_memory_limits', vm, 64 * MiB, 64 * MiB, 64 * MiB, 64 * MiB);
    await addCard(xapi, vm, '0');
    const xml = await until('the edited domain', async () => {
      const now = await xmlOf(uuid);
      return /<interface/.test(now) && /65536/.test(now) ? now : undefined;
    });
    expect(xml).toContain('<app:note>a &amp; b</app:note>');
    expect(xml).toContain("value='name=opt/test,string=1'");
    expect(xml).toMatch(/<hostdev mode='subsystem' type='pci' managed='yes'>/);
    expect(xml).toMatch(/<watchdog model='i6300esb' action='poweroff'/);
    expect(xml).toMatch(/<description>by a client<\/description>/);
    expect(xml).toMatch(/<(name|title)>edited</);
    expect(xml).not.toMatch(/current='1'>2</);
    await xapi.callAsync('VM.destroy', vm);
    expect(await host.virsh('list', '--all', '--uuid')).not.toContain(uuid);
  });

  it('shows what virsh edits', async () => {
    const { xapi, host } = gateway;
    const { uuid } = await defined({ name: 'in change' });
    await host.define(foreignDomainXml({ name: 'in change', uuid, memory: 48, mac: '52:54:00:00:00:03' }));
    const { $ref } = await told(xapi, 'VM', { uuid, memory_static_max: 48 * MiB });
    await told(xapi, 'VIF', { VM: $ref, MAC: '52:54:00:00:00:03' });
    await host.define(foreignDomainXml({ name: 'in change', uuid, memory: 48 }));
    await toldGone(xapi, 'VIF', { VM: $ref });
    // libvirt tells nobody of these.
    const disk = await image(join(host.directory, 'lib/images/quiet.qcow2'));
    await host.virsh('setvcpus', uuid, '2', '--config');
    await host.virsh('attach-disk', uuid, '/var/lib/libvirt/images/quiet.qcow2', 'vdb', '--subdriver', 'qcow2', '--config');
    await told(xapi, 'VM', { uuid, VCPUs_at_startup: 2 }, LOOKED);
    const { VDI } = await told(xapi, 'VBD', { VM: $ref });
    expect(xapi.getObjectByRef(String(VDI))).toMatchObject({ SR: onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref });
    await host.virsh('undefine', uuid);
    await toldGone(xapi, 'VM', { uuid });
    await rm(disk);
    await xapi.callAsync('SR.scan', onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref);
  });
});

describe('a running domain of another origin', () => {
  it('has a guest and a screen', async () => {
    const { xapi, host, daemon } = gateway;
    const { $ref: vm } = await told(xapi, 'VM', { uuid: GUEST.uuid, power_state: 'Running' });
    await untilAgentAnswers(host, GUEST.uuid);
    await guestUp(xapi, vm);
    const { location } = onlyCached(xapi, 'console', { VM: vm, protocol: 'rfb' });
    expect(await coloursOn(await connectConsole(String(location), xapi.sessionId, daemon.https))).toBeGreaterThan(1);
  });

  it('shows what is plugged in and out by virsh, and by a client', async () => {
    const { xapi, host } = gateway;
    const { $ref: vm } = onlyCached(xapi, 'VM', { uuid: GUEST.uuid });
    const disk = await image(join(host.directory, 'lib/images/plugged.qcow2'));
    await host.virsh('attach-disk', GUEST.name, '/var/lib/libvirt/images/plugged.qcow2', 'vdb', '--subdriver', 'qcow2', '--live');
    const vbd = await told(xapi, 'VBD', { VM: vm, currently_attached: true });
    expect(xapi.getObjectByRef(refIn(vbd, 'VDI'))).toMatchObject({ virtual_size: 16 * MiB });
    const mac = '52:54:00:00:00:04';
    await host.virsh('attach-interface', GUEST.name, 'bridge', 'xenbr0', '--model', 'virtio', '--mac', mac, '--live');
    const vif = await told(xapi, 'VIF', { VM: vm, MAC: mac, currently_attached: true });

    await xapi.callAsync('VBD.unplug', vbd.$ref);
    expect(await host.virsh('domblklist', GUEST.name)).not.toContain('plugged');
    await host.virsh('detach-interface', GUEST.name, 'bridge', '--mac', mac, '--live');
    await told(xapi, 'VIF', { $ref: vif.$ref, currently_attached: false }, 10_000);
    await xapi.callAsync('VBD.destroy', vbd.$ref);
    await xapi.callAsync('VIF.destroy', vif.$ref);
    await xapi.callAsync('VDI.destroy', refIn(vbd, 'VDI'));
    await expect(execute('ls', [disk])).rejects.toThrow('No such file');
  });

  it('shows each step of its life within a second', async () => {
    const { xapi, host } = gateway;
    const { uuid, vm } = await defined({ name: 'alive' });
    const power = (power_state: string) => told(xapi, 'VM', { uuid, power_state });
    await host.virsh('start', uuid);
    expect(await power('Running')).toMatchObject({ resident_on: onlyCached(xapi, 'host', {}).$ref });
    await host.virsh('suspend', uuid);
    await power('Paused');
    await host.virsh('resume', uuid);
    await power('Running');
    await host.virsh('managedsave', uuid);
    await power('Halted');
    await host.virsh('start', uuid);
    await power('Running');
    await host.virsh('destroy', uuid);
    expect(await power('Halted')).toMatchObject({ allowed_operations: expect.arrayContaining(['start', 'destroy']) });
    expect(cached(xapi, 'console', { VM: vm })).toEqual([]);
    const alerts = cached(xapi, 'message', { obj_uuid: uuid }).map(({ name }) => name);
    expect(alerts).toEqual(expect.arrayContaining(['VM_STARTED', 'VM_PAUSED', 'VM_UNPAUSED', 'VM_SHUTDOWN']));
    await host.virsh('undefine', uuid);
  });

  it('outlives its definition as a transient one', async () => {
    const { xapi, host } = gateway;
    const { uuid } = await defined({ name: 'half gone' });
    await host.virsh('start', uuid);
    await told(xapi, 'VM', { uuid, power_state: 'Running' });
    await host.virsh('undefine', uuid);
    await told(xapi, 'VM', { uuid, power_state: 'Running' });
    await host.virsh('destroy', uuid);
    await toldGone(xapi, 'VM', { uuid });
  });
});

describe('a VM of a client', () => {
  it('may be called what it likes, as another one is too, and virsh runs it', async () => {
    const { xapi, host } = gateway;
    const names = ['a/b\n"c" <d> & \u{1f427}', 'twin', 'twin', 'x'.repeat(600)];
    const vms: string[] = [];
    for (const name of names) vms.push(await vmFromTemplate(xapi, name));
    const uuids = vms.map((vm) => String(xapi.getObjectByRef(vm).uuid));
    for (const uuid of uuids)
      await until('the domain', async () => ((await host.virsh('list', '--all', '--uuid')).includes(uuid) ? true : undefined));
    for (const [i, uuid] of uuids.entries()) {
      await host.virsh('start', uuid);
      await told(xapi, 'VM', { uuid, power_state: 'Running', name_label: xapi.getObjectByRef(vms[i] ?? '').name_label });
    }
    await Promise.all(vms.map((vm) => xapi.callAsync('VM.hard_shutdown', vm)));
    await Promise.all(vms.map((vm) => xapi.callAsync('VM.destroy', vm)));
  });
});

it('leaves nothing behind', async () => {
  const { xapi, host } = gateway;
  await host.virsh('destroy', GUEST.name);
  await host.virsh('undefine', GUEST.name);
  await toldGone(xapi, 'VM', { uuid: GUEST.uuid });
  expect(await leftovers(gateway)).toEqual(before);
});
