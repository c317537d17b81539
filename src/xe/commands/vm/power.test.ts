import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../../api/testing/pool-fixture.js';
import { startCommand } from '../../testing/command-run.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { powerCommands } from './power.js';

const UUID = '5a0c0b1e-0000-4000-8000-0000000000';
const GIB = 2 ** 30;

let f: PoolFixture;

beforeEach(async () => {
  f = await poolFixture({
    hosts: 2,
    memory: 8 * GIB,
    vms: [vmPlan(`${UUID}01`, { name: 'one', disks: [] }), vmPlan(`${UUID}02`, { name: 'huge', disks: [], memory: 64 * GIB })],
  });
});

afterEach(() => f.close());

const run = (...words: string[]) => startCommand(fixtureApi(f.api), powerCommands, words);
const stateOf = (name: string) => f.db.get('VM', f.vm(name)).power_state;
const tasksOf = () => f.db.filter('task', ({ name_label }) => name_label.startsWith('Async.')).length;

describe('vm-start and vm-resume', () => {
  it('run where they are told to, leave no task and say nothing', async () => {
    const start = run('vm-start', 'vm=one', 'on=host1', 'paused=true');
    await start.done;
    expect([start.client.out, start.client.err]).toEqual(['', '']);
    expect(stateOf('one')).toBe('Paused');
    expect(f.db.get('host', f.db.get('VM', f.vm('one')).resident_on).name_label).toBe('host1');
    await run('vm-unpause', 'vm=one').done;
    await run('vm-suspend', 'vm=one').done;
    expect(stateOf('one')).toBe('Suspended');
    await run('vm-resume', 'vm=one', `on=${f.db.get('host', f.pool.master).uuid}`).done;
    expect(stateOf('one')).toBe('Running');
    await run('vm-shutdown', 'vm=one', 'force=true').done;
    expect(stateOf('one')).toBe('Halted');
    expect(tasksOf()).toBe(0);
  });

  it('show what each host says when none will have the VM', async () => {
    const { client, done } = run('vm-start', 'vm=huge');
    await expect(done).rejects.toMatchObject({ code: 'NO_HOSTS_AVAILABLE' });
    const [first, second, blank, ...table] = client.out.split('\n');
    expect([first, second, blank].map((line) => line !== '')).toEqual([true, true, false]);
    expect(table).toHaveLength(5);
    expect(table[0]).toMatch(/^host0 {4}: Cannot start here \[.+needed: \d+; available: \d+\]$/);
    expect(table[1]).toMatch(/^ {4}host1: Cannot start here \[.+\]$/);
    expect(table.slice(2)).toEqual(['', '', '']);
    expect(tasksOf()).toBe(0);
  });

  it('name a host that there is not', async () => {
    const { client, done } = run('vm-start', 'vm=one', 'on=nowhere');
    await expect(done).rejects.toThrow('No host has the name or uuid nowhere');
    expect(client.out).toBe('');
    f.db.transaction(() => {
      for (const [host] of f.pool.hosts) f.db.set('host', host, { name_label: 'same' });
    });
    await expect(run('vm-start', 'vm=one', 'on=same').done).rejects.toThrow('Several hosts');
  });

  it('draw how far they are on demand', async () => {
    const { client, done } = run('vm-start', 'vm=one', 'progress=1');
    await done;
    expect(client.err).toMatch(/^(?:\r [ \d]{3}% [|/\\-] #{0,70}\n)+$/);
  });
});

describe('vm-reset-powerstate', () => {
  it('is not done by accident', async () => {
    await expect(run('vm-reset-powerstate', 'vm=one').done).rejects.toThrow('force=true');
    await expect(run('vm-reset-powerstate', 'vm=one', 'force=maybe').done).rejects.toThrow('Failed to parse');
    await run('vm-reset-powerstate', 'vm=one', 'force=true').done;
  });
});
