import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromDateTime } from '../../../model/datetime.js';
import type { RecordVersion } from '../../../model/record.js';
import type { Ref } from '../../../model/ref.js';
import { type PoolFixture, poolFixture, vmPlan } from '../../testing/pool-fixture.js';
import { superuserCaller } from '../../testing/superuser-caller.js';

const DEAD = 'OpaqueRef:00000000-0000-0000-0000-00000000dead';

let fixture: PoolFixture;
let call: <T = unknown>(method: string, ...args: unknown[]) => Promise<T>;
let first: Ref<'host'>;
let second: Ref<'host'>;

beforeAll(async () => {
  fixture = await poolFixture({
    hosts: 2,
    vms: [vmPlan('11111111-1111-4111-8111-000000000001', { name: 'runs', power: 'Running', host: 1 })],
  });
  const { api, pool } = fixture;
  const [a, b] = [...pool.hosts].map(([ref]) => ref);
  if (!a || !b) throw new Error('two hosts are wanted');
  first = a;
  second = b;
  call = superuserCaller(api);
});

afterAll(() => fixture.close());

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
}

describe('calls that a host answers itself', () => {
  it('takes any unknown reference for a host that is down', async () => {
    await expect(call('host.get_servertime', DEAD)).rejects.toMatchObject({ code: 'HOST_OFFLINE', params: [DEAD] });
    await expect(call('host.disable', DEAD)).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
  });

  it('tells the time, also of a zone', async () => {
    expect(Math.abs(fromDateTime(await call<string>('host.get_servertime', first)) - Date.now())).toBeLessThan(5000);
    await call('host.set_timezone', first, 'Asia/Kolkata');
    const local = await call<string>('host.get_server_localtime', first);
    expect(local).toMatch(/^\d{8}T\d\d:\d\d:\d\d$/);
    const ahead = fromDateTime(`${local}Z`) - Date.now();
    expect(Math.round(ahead / 60_000)).toBe(330);
    await expect(call('host.set_timezone', first, 'Mars/Olympus')).rejects.toMatchObject({
      params: ['timezone', 'Mars/Olympus'],
    });
    expect(await call('host.list_timezones', first)).toContain('UTC');
  });

  it('has what is measured', async () => {
    const sources = await call<RecordVersion<'data_source'>[]>('host.get_data_sources', second);
    const total = sources.find((source) => source.fields.name_label === 'memory_total_kib');
    expect(total?.fields.value).toBe((64 * 2 ** 30) / 1024);
    expect(await call('host.query_data_source', second, 'memory_total_kib')).toBe((64 * 2 ** 30) / 1024);
    await expect(call('host.query_data_source', second, 'moonlight')).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    await call('host.forget_data_source_archives', second, 'memory_total_kib');
    const after = await call<RecordVersion<'data_source'>[]>('host.get_data_sources', second);
    expect(after.find((source) => source.fields.name_label === 'memory_total_kib')?.fields.enabled).toBe(false);
  });

  it('answers add-ons that it has and refuses others', async () => {
    expect(await call('host.call_plugin', first, 'updater.py', 'check_update', new Map())).toBe('[]');
    expect(await call('host.call_plugin', first, 'hyperthreading.py', 'get_hyperthreading', new Map())).toBe('true');
    await expect(call('host.call_plugin', first, 'dmidecode', 'test', new Map())).rejects.toMatchObject({
      code: 'XENAPI_MISSING_PLUGIN',
      params: ['dmidecode'],
    });
    await expect(call('host.call_extension', first, '{"method":"X.y","params":[]}')).rejects.toMatchObject({
      code: 'MESSAGE_METHOD_UNKNOWN',
      params: ['X.y'],
    });
  });

  it('reckons free memory without what its VMs need', async () => {
    const free = await call<number>('host.compute_free_memory', second);
    const total = 64 * 2 ** 30;
    const other = await call<number>('host.compute_free_memory', first);
    expect(other - free).toBeGreaterThanOrEqual(2 ** 30);
    expect(other).toBeLessThan(total);
    await expect(call('host.compute_free_memory', DEAD)).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
  });
});

describe('identity', () => {
  it('checks names', async () => {
    for (const name of ['', '-a', 'a_b', 'a'.repeat(256)])
      await expect(call('host.set_hostname_live', first, name)).rejects.toMatchObject({ code: 'HOST_NAME_INVALID' });
    await call('host.set_hostname_live', first, 'node-1.example');
    expect(await call('host.get_hostname', first)).toBe('node-1.example');
  });

  it('keeps fields and other_config in step, both ways', async () => {
    await call('host.set_iscsi_iqn', first, 'iqn.2030-01.example:a');
    expect((await call<Map<string, string>>('host.get_other_config', first)).get('iscsi_iqn')).toBe('iqn.2030-01.example:a');
    const other = new Map(await call<Map<string, string>>('host.get_other_config', first));
    await call('host.set_other_config', first, other.set('iscsi_iqn', 'iqn.2030-01.example:b').set('multipathing', 'true'));
    expect(await call('host.get_iscsi_iqn', first)).toBe('iqn.2030-01.example:b');
    expect(await call('host.get_multipathing', first)).toBe(true);
  });
});

describe('editions', () => {
  it('takes those of the persona only', async () => {
    await call('host.apply_edition', first, 'xcp-ng', false);
    expect((await call<Map<string, string>>('host.get_license_params', first)).get('sockets')).toBe('1');
    await expect(call('host.apply_edition', first, 'gold', false)).rejects.toMatchObject({ params: ['gold'] });
    const [pool] = await call<string[]>('pool.get_all');
    expect(Object.fromEntries(await call<Map<string, string>>('pool.get_license_state', pool))).toMatchObject({
      edition: 'xcp-ng',
    });
  });
});

describe('taking a host out of service', () => {
  it('will not be restarted, powered on or removed while it works', async () => {
    await expect(call('host.reboot', second)).rejects.toMatchObject({ code: 'HOST_NOT_DISABLED', params: [] });
    await expect(call('host.power_on', second)).rejects.toMatchObject({ code: 'HOST_IS_LIVE', params: [second] });
    await expect(call('host.destroy', second)).rejects.toMatchObject({ code: 'HOST_IS_LIVE', params: [second] });
    await expect(call('host.declare_dead', second)).rejects.toMatchObject({ code: 'HOST_IS_LIVE' });
    const allowed = await call<string[]>('host.get_allowed_operations', second);
    expect(allowed).toContain('evacuate');
    expect(allowed).not.toContain('shutdown');
  });

  it('has nowhere to put its VMs while no other host takes any', async () => {
    const vm = fixture.vm('runs');
    await call('host.disable', first);
    expect(await call('host.get_vms_which_prevent_evacuation', second)).toEqual(new Map([[vm, ['NO_HOSTS_AVAILABLE', vm]]]));
    await expect(call('host.assert_can_evacuate', second)).rejects.toMatchObject({
      code: 'CANNOT_EVACUATE_HOST',
      params: [`NO_HOSTS_AVAILABLE,${vm}`],
    });
    await call('host.enable', first);
  });

  it('moves its VMs away, and then goes down and comes up', async () => {
    const { db } = fixture;
    const vm = fixture.vm('runs');
    expect(db.get('VM', vm).resident_on).toBe(second);
    expect(await call('host.get_vms_which_prevent_evacuation', second)).toEqual(new Map());
    await call('host.disable', second);
    await call('host.evacuate', second);
    expect(db.get('VM', vm)).toMatchObject({ resident_on: first, power_state: 'Running' });
    await call('host.set_power_on_mode', second, 'wake-on-lan', new Map());
    await call('host.shutdown', second);
    const { metrics } = db.get('host', second);
    await until(() => !db.get('host_metrics', metrics).live);
    await expect(call('host.get_servertime', second)).rejects.toMatchObject({ code: 'HOST_OFFLINE' });
    expect(await call('host.get_allowed_operations', second)).toContain('power_on');
    await call('host.power_on', second);
    await until(() => db.get('host_metrics', metrics).live && db.get('host', second).enabled);
    expect(await call('host.get_servertime', second)).toMatch(/Z$/);
  });

  it('is removed with all that belongs to it once it is down', async () => {
    const { db } = fixture;
    await call('host.disable', second);
    await call('host.shutdown', second);
    await until(() => !db.get('host_metrics', db.get('host', second).metrics).live);
    const { PIFs, PBDs, control_domain: domain } = db.get('host', second);
    expect(PIFs.length).toBeGreaterThan(0);
    await call('host.destroy', second);
    for (const [className, refs] of [
      ['PIF', PIFs],
      ['PBD', PBDs],
      ['VM', [domain]],
      ['host', [second]],
    ] as const)
      for (const ref of refs) expect(db.exists(className, ref), className).toBe(false);
    expect(db.filter('host_cpu', (cpu) => cpu.host === second)).toEqual([]);
  });
});
