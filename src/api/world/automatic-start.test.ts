import { setTimeout as sleep } from 'node:timers/promises';
import { v4 } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { startWorld, type World } from './world.js';

let f: PoolFixture;
let vm: Ref<'VM'>;
let world: World | undefined;

beforeEach(async () => {
  f = await poolFixture({ vms: [vmPlan(v4(), { name: 'always on' }), vmPlan(v4(), { name: 'sometimes on' })] });
  vm = f.vm('always on');
  f.db.set('pool', f.api.pool, { other_config: new Map([['auto_poweron', 'true']]) });
  f.db.set('VM', vm, { other_config: new Map([['auto_poweron', 'true']]) });
  f.world.stop();
});
afterEach(async () => {
  world?.stop();
  await f.close();
});

const power = (name: string) => f.db.get('VM', f.vm(name)).power_state;

async function begin(booted: boolean): Promise<void> {
  world = await startWorld(f.api, { tick: 'off', booted });
}

async function running(): Promise<void> {
  for (let i = 0; i < 200 && power('always on') !== 'Running'; i++) await sleep(5);
  expect(power('always on')).toBe('Running');
}

it('starts what is to be on when a host has booted', async () => {
  await begin(true);
  await running();
  expect(power('sometimes on')).toBe('Halted');
});

it('leaves halted what somebody has halted when only the daemon starts again', async () => {
  await begin(false);
  await sleep(50);
  expect(power('always on')).toBe('Halted');
});

it('starts nothing where the pool does not allow it', async () => {
  f.db.set('pool', f.api.pool, { other_config: new Map() });
  await begin(true);
  await sleep(50);
  expect(power('always on')).toBe('Halted');
});

it('starts them when a host comes up while the daemon runs', async () => {
  await begin(false);
  const [host] = f.emulated.hosts;
  await host?.power.shutdown();
  await host?.power.powerOn();
  await running();
});
