import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { v4 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { target } from '../operations/operations.js';
import { standInTask } from '../stand-in-task.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { domainChange } from './domain-change.js';
import { domainSpec } from './domain-spec.js';

const uuid = v4();
const task = standInTask({ local: true, address: '' });
let f: PoolFixture;
let vm: Ref<'VM'>;

beforeEach(async () => {
  f = await poolFixture({ hosts: 2, vms: [vmPlan(uuid, { name: 'one', power: 'Running' })] });
  vm = f.vm('one');
  await tools();
});
afterEach(() => f.close());

/** Waits until the guest's tools were heard. */
async function tools(): Promise<void> {
  for (let i = 0; i < 100 && f.db.get('VM', vm).guest_metrics === 'OpaqueRef:NULL'; i++) await sleep(2);
}

function alerts(): string[] {
  return [...f.db.all('message')].map(([, message]) => message.name);
}

function compute() {
  return f.api.hosts.get(f.pool.master).compute;
}

describe('what becomes of a domain by itself', () => {
  it('records a guest that shuts down, and all that follows from it', () => {
    const { guest_metrics, consoles } = f.db.get('VM', vm);
    expect(f.db.exists('VM_guest_metrics', guest_metrics)).toBe(true);
    f.emulated.guestDoes(uuid, 'shutdown');
    const after = f.db.get('VM', vm);
    expect(after).toMatchObject({
      power_state: 'Halted',
      domid: -1,
      resident_on: 'OpaqueRef:NULL',
      guest_metrics: 'OpaqueRef:NULL',
    });
    expect(after.consoles).toEqual([]);
    expect(f.db.exists('console', consoles[0] ?? '')).toBe(false);
    expect(f.db.exists('VM_guest_metrics', guest_metrics)).toBe(false);
    for (const vbd of after.VBDs) expect(f.db.get('VBD', vbd).currently_attached).toBe(false);
    for (const vif of after.VIFs) expect(f.db.get('VIF', vif).currently_attached).toBe(false);
    expect(after.allowed_operations).toContain('start');
    expect(alerts()).toEqual(['VM_SHUTDOWN']);
  });

  it('records how much memory a start aims at', () => {
    const { memory_target, memory_dynamic_min, memory_dynamic_max } = f.db.get('VM', vm);
    expect(memory_target).toBeGreaterThanOrEqual(memory_dynamic_min);
    expect(memory_target).toBeLessThanOrEqual(memory_dynamic_max);
  });

  it('records a reboot as a new domain of the same VM', () => {
    const before = f.db.get('VM', vm);
    f.emulated.guestDoes(uuid, 'reboot');
    const after = f.db.get('VM', vm);
    expect(after.power_state).toBe('Running');
    expect(after.domid).not.toBe(before.domid);
    expect(alerts()).toEqual(['VM_REBOOTED']);
  });

  it('records a reboot that keeps the domain', () => {
    const { domid, resident_on, metrics } = f.db.get('VM', vm);
    const startedAt = Date.now() + 60_000;
    domainChange(f.api, vm, resident_on, { uuid, power: 'Running', domid, startedAt }, 'tell');
    expect(f.db.get('VM_metrics', metrics).start_time).toBe(toDateTime(startedAt));
    domainChange(f.api, vm, resident_on, { uuid, power: 'Running', domid, startedAt }, 'tell');
    expect(alerts()).toEqual(['VM_REBOOTED']);
  });

  it('tells a crash from a shutdown', async () => {
    await compute().hardShutdown(uuid);
    f.db.set('VM', vm, { actions_after_crash: 'destroy' });
    await compute().start(domainSpec(f.db, vm), false, task);
    f.emulated.guestDoes(uuid, 'crash');
    expect(f.db.get('VM', vm).power_state).toBe('Halted');
    expect(alerts()).toEqual(['VM_SHUTDOWN', 'VM_STARTED', 'VM_CRASHED']);
  });

  it('follows a domain to another host', async () => {
    const { domid: _before, ...kept } = f.db.get('VM', vm);
    const [, other] = f.pool.hosts;
    await compute().migrate(domainSpec(f.db, vm), f.api.hosts.get(other?.[0] ?? f.pool.master).compute, task);
    await tools();
    const after = f.db.get('VM', vm);
    expect(after).toMatchObject({ power_state: 'Running', resident_on: other?.[0], last_booted_record: kept.last_booted_record });
    expect(f.db.get('VM_metrics', after.metrics).start_time).toBe(f.db.get('VM_metrics', kept.metrics).start_time);
    expect(f.db.exists('VM_guest_metrics', after.guest_metrics)).toBe(true);
    expect(alerts()).toEqual(['VM_MIGRATED']);
  });

  it('restarts a VM whose setting was changed after its start', async () => {
    f.db.set('VM', vm, { actions_after_shutdown: 'restart' });
    const before = f.db.get('VM', vm).domid;
    f.emulated.guestDoes(uuid, 'shutdown');
    for (let i = 0; i < 100 && f.db.get('VM', vm).power_state !== 'Running'; i++) await sleep(2);
    const after = f.db.get('VM', vm);
    expect(after.power_state).toBe('Running');
    expect(after.domid).not.toBe(before);
    expect(after.current_operations.size).toBe(0);
  });

  it('records a pause and its end, keeping what the tools told', async () => {
    const { guest_metrics } = f.db.get('VM', vm);
    await compute().pause(uuid);
    expect(f.db.get('VM', vm).power_state).toBe('Paused');
    await compute().unpause(uuid);
    expect(f.db.get('VM', vm)).toMatchObject({ power_state: 'Running', guest_metrics });
    expect(alerts()).toEqual(['VM_PAUSED', 'VM_UNPAUSED']);
  });

  it('drops what the tools told when they fall silent', () => {
    f.emulated.setTools(uuid, false);
    expect(f.db.get('VM', vm).guest_metrics).toBe('OpaqueRef:NULL');
    expect(f.db.table('VM_guest_metrics').rows.size).toBe(0);
  });

  it('makes a VM of a domain that nobody made here', async () => {
    const spec = { ...domainSpec(f.db, vm), uuid: v4(), disks: [], nics: [] };
    await compute().start(spec, false, task);
    const ref = f.db.byUuid('VM', spec.uuid);
    expect(f.db.get('VM', ref)).toMatchObject({ power_state: 'Running', resident_on: f.pool.master });
    await compute().hardShutdown(spec.uuid);
    expect(f.db.get('VM', ref).power_state).toBe('Halted');
  });
});

describe('while an operation works on the VM', () => {
  it('leaves the writing to it, and looks again when it has ended', async () => {
    await f.api.operations.run(task, [target('VM', vm, 'hard_shutdown')], async () => {
      await compute().hardShutdown(uuid);
      await turn();
      expect(f.db.get('VM', vm).power_state).toBe('Running');
    });
    await turn();
    expect(f.db.get('VM', vm).power_state).toBe('Halted');
  });

  it('writes at once during one that does not see to the domain', async () => {
    await f.api.operations.run(task, [target('VM', vm, 'snapshot')], async () => {
      f.emulated.guestDoes(uuid, 'shutdown');
      expect(f.db.get('VM', vm).power_state).toBe('Halted');
    });
  });
});

describe('hosts', () => {
  it('shows one that went down, and takes it in again with its storage', async () => {
    const [host] = f.emulated.hosts;
    const { metrics } = f.db.get('host', f.pool.master);
    await host?.power.shutdown();
    expect(f.db.get('host', f.pool.master).enabled).toBe(false);
    expect(f.db.get('host_metrics', metrics).live).toBe(false);
    expect(f.db.get('VM', vm).power_state).toBe('Halted');
    await host?.power.powerOn();
    for (let i = 0; i < 100 && !f.db.get('host', f.pool.master).enabled; i++) await sleep(2);
    expect(f.db.get('host_metrics', metrics).live).toBe(true);
    const [sr] = f.db.filter('SR', (fields) => fields.name_label === 'Local storage');
    expect(await host?.storage.scan(sr?.[1].uuid ?? '')).toBeDefined();
  });

  it('no longer listens when it was stopped', async () => {
    f.world.stop();
    await compute().pause(uuid);
    expect(f.db.get('VM', vm).power_state).toBe('Running');
  });
});

describe('at a start', () => {
  it('halts what is gone and finds what runs', async () => {
    const other = v4();
    f.world.stop();
    await compute().start({ ...domainSpec(f.db, vm), uuid: other, disks: [], nics: [] }, false, task);
    await compute().hardShutdown(uuid);
    expect(f.db.get('VM', vm).power_state).toBe('Running');
    f = await f.restart();
    expect(f.db.get('VM', vm).power_state).toBe('Halted');
    expect(f.db.get('VM', f.db.byUuid('VM', other)).power_state).toBe('Running');
    expect(alerts()).toEqual([]);
  });
});

describe('a VM that boots an installer', () => {
  const installing = { HVM_boot_policy: '', domain_type: 'pv_in_pvh', PV_bootloader: 'eliloader' } as const;
  const keys = new Map([
    ['install-repository', 'cdrom'],
    ['install-distro', 'rhlike'],
    ['mine', 'x'],
  ]);

  /** Starts the VM after some changes. */
  async function boot(changes: Partial<Fields<'VM'>>): Promise<Fields<'VM'>> {
    await compute().hardShutdown(uuid);
    f.db.set('VM', vm, changes);
    for (const vbd of f.db.get('VM', vm).VBDs) f.db.set('VBD', vbd, { bootable: false });
    await compute().start(domainSpec(f.db, vm), false, task);
    return f.db.get('VM', vm);
  }

  it('boots from its first disk the next time', async () => {
    expect(domainSpec(f.db, vm).disks.length).toBeGreaterThan(0);
    const after = await boot({ ...installing, other_config: keys });
    expect(after).toMatchObject({ power_state: 'Running', PV_bootloader: 'pygrub' });
    expect([...after.other_config.keys()]).toEqual(['install-repository', 'mine']);
    for (const vbd of after.VBDs.map((ref) => f.db.get('VBD', ref))) expect(vbd.bootable).toBe(vbd.userdevice === '0');
    const { boot: next } = domainSpec(f.db, vm);
    expect(next).toMatchObject({ kind: 'pv', bootloader: 'pygrub' });
  });

  it('keeps the marks of its drives where the installer did not come from one', async () => {
    const after = await boot({ ...installing, other_config: new Map([['install-repository', 'http://mirror.example/os']]) });
    expect(after.PV_bootloader).toBe('pygrub');
    for (const vbd of after.VBDs) expect(f.db.get('VBD', vbd).bootable).toBe(false);
  });

  it('is none when it has its own kernel, or is no paravirtual VM', async () => {
    const kernel = await boot({ ...installing, PV_kernel: '/boot/guest/vmlinuz', other_config: keys });
    expect(kernel).toMatchObject({ PV_bootloader: 'eliloader', other_config: keys });
    const hvm = await boot({ ...installing, domain_type: 'hvm', PV_kernel: '', other_config: keys });
    expect(hvm).toMatchObject({ PV_bootloader: 'eliloader', other_config: keys });
  });
});
