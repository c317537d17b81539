import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../../host/host.js';
import type { Metric } from '../../host/metrics.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { Measuring } from './measuring.js';

const VM = '00000000-0000-0000-0000-0000000000a1';

let f: PoolFixture;
beforeEach(async () => {
  f = await poolFixture({ hosts: 2, vms: [vmPlan(VM, { power: 'Running' })] });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await f.close();
});

async function measureAll(measuring: Measuring): Promise<void> {
  await Promise.all([...f.api.hosts.entries()].map(([ref, host]) => measuring.look(ref, host)));
}

describe('measuring', () => {
  it('takes in the values of hosts, VMs, SRs and control domains', async () => {
    await measureAll(new Measuring(f.api));
    const names = (kind: 'host' | 'vm' | 'sr', uuid: string) =>
      f.api.measurements.find({ kind, uuid })?.sources.map(({ name }) => name) ?? [];
    for (const [, { uuid, control_domain }] of f.db.all('host')) {
      expect(names('host', uuid)).toEqual(expect.arrayContaining(['cpu0', 'cpu_avg', 'memory_total_kib']));
      expect(names('vm', f.db.get('VM', control_domain).uuid)).toEqual(expect.arrayContaining(['cpu0', 'cpu_usage', 'memory']));
    }
    expect(names('vm', VM)).toEqual(expect.arrayContaining(['cpu0', 'cpu_usage', 'memory', 'vif_0_rx', 'vbd_xvda_read']));
    const own = [...f.db.all('host')].map(([ref, { uuid }]) => [
      ref === f.api.localHost,
      names('host', uuid).includes('xapi_free_memory_kib'),
    ]);
    expect(own.sort()).toEqual([
      [false, false],
      [true, true],
    ]);
    const [sr] = f.db.filter('SR', ({ type }) => type === 'ext');
    expect(names('sr', sr?.[1].uuid ?? '')).toEqual(['size', 'physical_utilisation']);
  });

  it('samples each host once, and leaves one alone that still answers', async () => {
    const [[ref, host] = []] = [...f.api.hosts.entries()];
    if (!ref || !host) throw new Error('no host');
    let answer = (_metrics: readonly Metric[]): void => undefined;
    const sample = vi.fn(
      () =>
        new Promise<readonly Metric[]>((resolve) => {
          answer = resolve;
        }),
    );
    const slow = { ...host, metrics: { sample } } satisfies Host;
    const measuring = new Measuring(f.api);
    const first = measuring.look(ref, slow);
    await measuring.look(ref, slow);
    expect(sample).toHaveBeenCalledTimes(1);
    answer([]);
    await first;
    void measuring.look(ref, slow);
    expect(sample).toHaveBeenCalledTimes(2);
  });

  it('goes on with the others when a host cannot be measured', async () => {
    const warn = vi.spyOn(f.api.log, 'warn');
    const [[ref, host] = []] = [...f.api.hosts.entries()];
    if (!ref || !host) throw new Error('no host');
    const measuring = new Measuring(f.api);
    await measuring.look(ref, { ...host, metrics: { sample: () => Promise.reject(new Error('no answer')) } });
    expect(warn).toHaveBeenCalledTimes(1);
    await measureAll(measuring);
    expect(f.api.measurements.find({ kind: 'vm', uuid: VM })?.updated).toBeGreaterThan(0);
  });

  it('sends alarms of what it measures', async () => {
    const text =
      '<config><variable><name value="memory"/><alarm_trigger_level value="1"/><alarm_trigger_period value="0"/></variable></config>';
    f.db.set('VM', f.vm('vm-a1'), { other_config: new Map([['perfmon', text]]) });
    await measureAll(new Measuring(f.api));
    expect(f.db.filter('message', ({ name }) => name === 'ALARM').map(([, { obj_uuid }]) => obj_uuid)).toEqual([VM]);
  });

  it('keeps nothing of what nobody knows', async () => {
    const [[ref, host] = []] = [...f.api.hosts.entries()];
    if (!ref || !host) throw new Error('no host');
    const owner = { kind: 'vm', uuid: '00000000-0000-0000-0000-0000000000ff' } as const;
    const metric = { owner, name: 'cpu0', description: 'd', units: 'u', value: 0, minimum: 0, maximum: 1 };
    await new Measuring(f.api).look(ref, { ...host, metrics: { sample: async () => [metric] } });
    expect(f.api.measurements.find(owner)).toBeUndefined();
  });
});
