import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Xapi, XapiObject } from 'xen-api';
import { askAgent, guestDomainXml, untilAgentAnswers } from '../../test-support/libvirt/guest-domain.js';
import { until } from '../../test-support/libvirt/until.js';
import { cached, onlyCached, told, toldGone } from './support/client-cache.js';
import { foreignDomainXml } from './support/foreign-domain.js';
import { kvmGateway, login } from './support/gateway.js';
import { imageDirectory, type Leftovers, leftovers } from './support/leftovers.js';
import { addCard, addDrive, addVolume, guestUp, vmFromTemplate } from './support/virtual-machine.js';

// What goes wrong under the gateway: libvirt, QEMU, the gateway itself, disks, memory, two who want different things.
const gateway = kvmGateway();

const MiB = 2 ** 20;
/** Milliseconds until the gateway has found libvirt again. */
const RECONNECT = 20_000;

/** A domain with a running guest. */
const GUEST = { name: 'guest', uuid: randomUUID() };

let before: Leftovers;

beforeAll(async () => {
  const { host, guest } = gateway;
  before = await leftovers(gateway);
  await host.define(guestDomainXml(guest, GUEST));
  await host.virsh('start', GUEST.name);
  await untilAgentAnswers(host, GUEST.name);
});

const guestVm = () => onlyCached(gateway.xapi, 'VM', { uuid: GUEST.uuid });
const localSr = () => onlyCached(gateway.xapi, 'SR', { name_label: 'Local storage' }).$ref;
const alertsOf = (uuid: unknown) => cached(gateway.xapi, 'message', { obj_uuid: uuid }).map(({ name }) => name);

/** A VM with a disk and a card, and without a system. Its domain is there when this resolves. */
async function smallVm(name: string): Promise<{ vm: string; uuid: string; vdi: string }> {
  const { xapi, host } = gateway;
  const vm = await vmFromTemplate(xapi, name);
  await xapi.call('VM.set_actions_after_crash', vm, 'destroy');
  const vdi = await addVolume(xapi, localSr(), `disk of ${name}`);
  await addDrive(xapi, vm, vdi, '0');
  await addCard(xapi, vm, '0');
  const uuid = String(xapi.getObjectByRef(vm).uuid);
  await until('the domain', async () => ((await host.virsh('list', '--all', '--uuid')).includes(uuid) ? true : undefined));
  return { vm, uuid, vdi };
}

async function destroy({ vm, vdi }: { vm: string; vdi: string }): Promise<void> {
  const { xapi } = gateway;
  if (xapi.getObjectByRef(vm).power_state !== 'Halted') await xapi.callAsync('VM.hard_shutdown', vm);
  await xapi.callAsync('VM.destroy', vm);
  await xapi.callAsync('VDI.destroy', vdi);
}

/** Power states of a VM of which events tell from now on. */
function powerStates(xapi: Xapi, uuid: string): unknown[] {
  const seen: unknown[] = [];
  xapi.objects.on('update', (changed: Record<string, XapiObject | undefined>) => {
    for (const object of Object.values(changed))
      if (object?.$type === 'VM' && object.uuid === uuid && object.power_state !== seen.at(-1)) seen.push(object.power_state);
  });
  return seen;
}

describe('libvirtd', () => {
  it('may be restarted under a running guest', async () => {
    const { xapi, host } = gateway;
    const seen = powerStates(xapi, GUEST.uuid);
    const pids = await host.qemuPids();
    await host.restartLibvirtd();
    await until(
      'the gateway at libvirt again',
      () =>
        xapi.callAsync('VM.pause', guestVm().$ref).then(
          () => true,
          () => undefined,
        ),
      RECONNECT,
    );
    expect(await host.virsh('domstate', GUEST.uuid)).toBe('paused');
    await xapi.callAsync('VM.unpause', guestVm().$ref);
    expect(await host.qemuPids()).toEqual(pids);
    await told(xapi, 'VM', { uuid: GUEST.uuid, power_state: 'Running' });
    expect(seen.filter((state) => state !== 'Paused' && state !== 'Running')).toEqual([]);
    expect(alertsOf(GUEST.uuid)).not.toContain('VM_CRASHED');
  });

  it('may be killed, and what happened meanwhile shows', async () => {
    const { xapi, host } = gateway;
    const { uuid } = await smallVm('dies meanwhile');
    await host.virsh('start', uuid);
    const { $ref } = await told(xapi, 'VM', { uuid, power_state: 'Running' });
    const pid = (await host.qemuPids()).get('dies meanwhile');
    await host.killLibvirtd();
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(xapi.callAsync('VM.pause', guestVm().$ref)).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    await host.libvirtd.start();
    await told(xapi, 'VM', { uuid, power_state: 'Halted' }, RECONNECT);
    expect(guestVm()).toMatchObject({ power_state: 'Running' });
    await destroy({ vm: $ref, vdi: onlyCached(xapi, 'VDI', { name_label: 'disk of dies meanwhile' }).$ref });
  });

  it('may hang, and the gateway goes on answering', async () => {
    const { xapi, host } = gateway;
    host.hang();
    const paused = xapi.callAsync('VM.pause', guestVm().$ref);
    await xapi.call('VM.set_name_description', guestVm().$ref, 'changed while libvirtd hung');
    expect(await xapi.call('VM.get_name_description', guestVm().$ref)).toBe('changed while libvirtd hung');
    await sleep(500);
    host.unhang();
    await paused;
    expect(await host.virsh('domstate', GUEST.uuid)).toBe('paused');
    await xapi.callAsync('VM.unpause', guestVm().$ref);
    await until('the description', async () =>
      (await host.virsh('desc', GUEST.uuid, '--config')).includes('while libvirtd hung') ? true : undefined,
    );
  });
});

describe('the gateway', () => {
  it('finds everything again after it was killed', async () => {
    const { host } = gateway;
    const { domid, $ref } = guestVm();
    const [stopped, undefined_, started] = [await smallVm('stopped'), await smallVm('undefined'), randomUUID()];
    await gateway.xapi.callAsync('VM.start', stopped.vm, false, false);
    await gateway.crashAndStart(async () => {
      await host.virsh('destroy', stopped.uuid);
      await host.virsh('undefine', undefined_.uuid);
      await host.create(foreignDomainXml({ name: 'new', uuid: started }));
    });
    const { xapi } = gateway;
    expect(guestVm()).toMatchObject({ $ref, domid, power_state: 'Running' });
    await guestUp(xapi, $ref);
    expect(onlyCached(xapi, 'VM', { uuid: stopped.uuid })).toMatchObject({ $ref: stopped.vm, power_state: 'Halted', domid: -1 });
    expect(cached(xapi, 'VM', { uuid: undefined_.uuid })).toEqual([]);
    expect(onlyCached(xapi, 'VM', { uuid: started })).toMatchObject({ power_state: 'Running' });
    expect(cached(xapi, 'VDI', { name_label: 'disk of undefined' })).toHaveLength(1);

    await xapi.callAsync('VM.hard_shutdown', onlyCached(xapi, 'VM', { uuid: started }).$ref);
    await toldGone(xapi, 'VM', { uuid: started });
    await xapi.callAsync('VDI.destroy', undefined_.vdi);
    await destroy(stopped);
  });
});

describe('a guest', () => {
  it('that reboots and powers off by itself shows so', async () => {
    const { xapi, host } = gateway;
    const { $ref } = guestVm();
    await askAgent(host, GUEST.uuid, 'guest-shutdown', { mode: 'reboot' }).catch(() => undefined);
    await until('the reboot', async () => (alertsOf(GUEST.uuid).includes('VM_REBOOTED') ? true : undefined));
    expect(guestVm().power_state).toBe('Running');
    await untilAgentAnswers(host, GUEST.uuid);
    await guestUp(xapi, $ref);
    await askAgent(host, GUEST.uuid, 'guest-shutdown').catch(() => undefined);
    await until('the end of the guest', async () =>
      (await host.virsh('domstate', GUEST.uuid)) === 'shut off' ? true : undefined,
    );
    await told(xapi, 'VM', { uuid: GUEST.uuid, power_state: 'Halted', domid: -1 });
    expect(alertsOf(GUEST.uuid)).toContain('VM_SHUTDOWN');
  });

  it.each([
    ['destroy', 'Halted'],
    ['restart', 'Running'],
  ])('whose QEMU is killed has crashed; what follows is its choice: %s', async (action, power_state) => {
    const { xapi, host } = gateway;
    const name = `to be killed, then ${action}`;
    const small = await smallVm(name);
    await xapi.call('VM.set_actions_after_crash', small.vm, action);
    await xapi.callAsync('VM.start', small.vm, false, false);
    const { domid } = xapi.getObjectByRef(small.vm);
    process.kill((await host.qemuPids()).get(name) ?? 0, 'SIGKILL');
    await until('the crash', async () => (alertsOf(small.uuid).includes('VM_CRASHED') ? true : undefined));
    await until('what follows', async () => {
      const now = xapi.getObjectByRef(small.vm);
      return now.power_state === power_state && now.domid !== domid ? true : undefined;
    });
    expect(await host.virsh('domstate', small.uuid)).toBe(power_state === 'Halted' ? 'shut off' : 'running');
    await destroy(small);
  });
});

describe('a VM', () => {
  it('whose disk is missing does not start, and leaves nothing', async () => {
    const { xapi, host } = gateway;
    const small = await smallVm('without disk');
    const links = () => host.run('ls', ['/sys/class/net']);
    const cards = await links();
    const [, path = ''] = (await host.virsh('domblklist', small.uuid)).trim().split(/\s+/);
    await rm(path.replace('/var/lib/libvirt/images', imageDirectory(host)));
    await expect(xapi.callAsync('VM.start', small.vm, false, false)).rejects.toMatchObject({
      code: expect.stringMatching(/^VDI_/),
    });
    expect(await host.virsh('domstate', small.uuid)).toBe('shut off');
    expect(xapi.getObjectByRef(small.vm)).toMatchObject({ power_state: 'Halted', current_operations: {} });
    expect(await links()).toEqual(cards);
    await destroy(small);
  });

  it('that is larger than the host does not start', async () => {
    const { xapi, host } = gateway;
    const small = await smallVm('too large');
    const much = 4 * 2 ** 40;
    await xapi.call('VM.set_memory_limits', small.vm, 128 * MiB, much, much, much);
    const { $ref } = onlyCached(xapi, 'host', {});
    await expect(xapi.callAsync('VM.start', small.vm, false, false)).rejects.toMatchObject({ code: 'NO_HOSTS_AVAILABLE' });
    await expect(xapi.callAsync('VM.start_on', small.vm, $ref, false, false)).rejects.toMatchObject({
      code: 'HOST_NOT_ENOUGH_FREE_MEMORY',
    });
    expect(await host.virsh('domstate', small.uuid)).toBe('shut off');
    await destroy(small);
  });

  it('that goes away under a client’s feet is gone', async () => {
    const { xapi, host } = gateway;
    const small = await smallVm('pulled away');
    const [started] = await Promise.allSettled([
      xapi.callAsync('VM.start', small.vm, false, false),
      host.virsh('undefine', small.uuid).catch(() => undefined),
    ]);
    if (started?.status === 'rejected') await toldGone(xapi, 'VM', { uuid: small.uuid });
    else expect(await host.virsh('domstate', small.uuid)).toBe('running');
    if (cached(xapi, 'VM', { uuid: small.uuid }).length > 0) await destroy(small);
    else await xapi.callAsync('VDI.destroy', small.vdi);
  });

  it('does one thing when two clients and virsh want different ones', async () => {
    const { host, daemon } = gateway;
    const small = await smallVm('wanted');
    const other = await login(daemon);
    const clients = [gateway.xapi, other];
    try {
      for (let round = 0; round < 3; round++) {
        const starts = await Promise.allSettled(clients.map((xapi) => xapi.callAsync('VM.start', small.vm, false, false)));
        expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const refused = starts.find(({ status }) => status === 'rejected');
        expect(refused).toMatchObject({
          reason: { code: expect.stringMatching(/^(VM_BAD_POWER_STATE|OTHER_OPERATION_IN_PROGRESS)$/) },
        });
        expect(await host.virsh('domstate', small.uuid)).toBe('running');
        await Promise.allSettled([
          gateway.xapi.callAsync('VM.hard_shutdown', small.vm),
          other.callAsync('VM.hard_reboot', small.vm),
          other.callAsync('VM.pause', small.vm),
          host.virsh('suspend', small.uuid),
        ]);
        const states = new Map([
          ['Running', 'running'],
          ['Paused', 'paused'],
          ['Halted', 'shut off'],
        ]);
        await until('one state for all', async () => {
          const state = await host.virsh('domstate', small.uuid);
          return clients.every((xapi) => {
            const { power_state, current_operations } = xapi.getObjectByRef(small.vm);
            return states.get(String(power_state)) === state && JSON.stringify(current_operations) === '{}';
          })
            ? true
            : undefined;
        });
        await gateway.xapi.callAsync('VM.hard_shutdown', small.vm).catch(() => undefined);
      }
    } finally {
      await other.disconnect();
    }
    await destroy(small);
  });
});

it('leaves nothing behind', async () => {
  const { xapi } = gateway;
  await xapi.callAsync('VM.destroy', guestVm().$ref);
  expect(cached(xapi, 'VDI', { SR: localSr() })).toEqual([]);
  expect(await leftovers(gateway)).toEqual(before);
});
