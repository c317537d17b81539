import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NULL_REF, type Ref } from '../../model/ref.js';
import { invoke, invokeDestroy } from '../invoke.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { testCall } from '../testing/test-call.js';
import { startAutomatically } from '../world/automatic-start.js';

const UUID = '5a0c0b1e-0000-4000-8000-0000000000';
const GIB = 2 ** 30;

let f: PoolFixture;
let appliance: Ref<'VM_appliance'>;

beforeEach(async () => {
  f = await poolFixture({ vms: ['01', '02', '03'].map((end) => vmPlan(`${UUID}${end}`, { name: `vm${end}`, disks: [] })) });
  appliance = f.db.create('VM_appliance', { name_label: 'shop' });
  for (const [i, vm] of members().entries()) f.db.set('VM', vm, { appliance, order: i });
});

afterEach(() => f.close());

function members(): Ref<'VM'>[] {
  return ['vm01', 'vm02', 'vm03'].map((name) => f.vm(name));
}

function states(): string[] {
  return members().map((vm) => f.db.get('VM', vm).power_state);
}

function alerts(name: string): string[] {
  const names = new Map(members().map((vm) => [f.db.get('VM', vm).uuid, f.db.get('VM', vm).name_label]));
  return [...f.db.all('message')].filter(([, message]) => message.name === name).map(([, m]) => names.get(m.obj_uuid) ?? '');
}

describe('VM_appliance', () => {
  it('offers what its VMs can do', () => {
    const empty = f.db.create('VM_appliance', {});
    expect(f.db.get('VM_appliance', empty).allowed_operations).toEqual([]);
    expect(f.db.get('VM_appliance', appliance).allowed_operations).toEqual(['start']);
  });

  it('lets its VMs go when it is destroyed', async () => {
    await invokeDestroy(testCall(f.api), 'VM_appliance', appliance);
    expect(members().map((vm) => f.db.get('VM', vm).appliance)).toEqual([NULL_REF, NULL_REF, NULL_REF]);
  });

  it('starts upwards and stops downwards', async () => {
    await invoke(testCall(f.api), 'VM_appliance', 'start', appliance, false);
    expect(states()).toEqual(['Running', 'Running', 'Running']);
    expect(alerts('VM_STARTED')).toEqual(['vm01', 'vm02', 'vm03']);
    expect(f.db.get('VM_appliance', appliance).allowed_operations).toEqual(['clean_shutdown', 'hard_shutdown', 'shutdown']);
    await invoke(testCall(f.api), 'VM_appliance', 'shutdown', appliance);
    expect(states()).toEqual(['Halted', 'Halted', 'Halted']);
    expect(alerts('VM_SHUTDOWN')).toEqual(['vm03', 'vm02', 'vm01']);
    await expect(invoke(testCall(f.api), 'VM_appliance', 'hard_shutdown', appliance)).rejects.toMatchObject({
      code: 'OPERATION_NOT_ALLOWED',
    });
  });

  it('names the VMs that did not follow; the others do', async () => {
    const second = f.vm('vm02');
    f.db.set('VM', second, { memory_static_max: 900 * GIB, memory_dynamic_max: 900 * GIB, memory_dynamic_min: 900 * GIB });
    await expect(invoke(testCall(f.api), 'VM_appliance', 'start', appliance, false)).rejects.toMatchObject({
      code: 'OPERATION_PARTIALLY_FAILED',
      params: ['VM_appliance.start', second],
    });
    expect(states()).toEqual(['Running', 'Halted', 'Running']);
  });
});

describe('startAutomatically', () => {
  it('starts the VMs that ask for it where the pool allows it', async () => {
    const [first] = members();
    if (first) f.db.set('VM', first, { other_config: new Map([['auto_poweron', 'true']]) });
    await startAutomatically(f.api);
    expect(states()).toEqual(['Halted', 'Halted', 'Halted']);
    f.db.set('pool', f.api.pool, { other_config: new Map([['auto_poweron', 'true']]) });
    await startAutomatically(f.api);
    expect(states()).toEqual(['Running', 'Halted', 'Halted']);
  });
});
