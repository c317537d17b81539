import { beforeEach, describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { smallVm } from '../testing/emulated-pool.js';
import { type ApiFixture, apiFixture } from '../testing/fixture.js';
import { assertAgile } from './agility.js';
import { assertCanBootHere } from './can-boot-here.js';
import { chooseHost, possibleHosts } from './choose-host.js';
import { includesFeatures } from './cpu-features.js';

const GIB = 2 ** 30;

let f: ApiFixture;
let hosts: Ref<'host'>[];

function shape(memory: number, patch: Partial<Fields<'host'>> = {}): Partial<Fields<'host'>> {
  return {
    enabled: true,
    metrics: f.api.db.create('host_metrics', { live: true, memory_total: memory }),
    capabilities: ['xen-3.0-x86_64', 'hvm-3.0-x86_64'],
    cpu_info: new Map([
      ['cpu_count', '4'],
      ['vendor', 'GenuineIntel'],
      ['features_hvm', '0000000f-00000001'],
    ]),
    virtual_hardware_platform_versions: [0, 1, 2],
    ...patch,
  };
}

function createVm(patch: Partial<Fields<'VM'>> = {}): Ref<'VM'> {
  return f.api.db.create('VM', {
    ...smallVm(),
    domain_type: 'hvm',
    power_state: 'Halted',
    memory_overhead: 10 * 2 ** 20,
    ...patch,
  });
}

const memory = (bytes: number) => ({ memory_static_max: bytes, memory_dynamic_max: bytes, memory_dynamic_min: bytes });

const first = () => 0;

beforeEach(async () => {
  f = await apiFixture();
  const { db } = f.api;
  db.set('host', f.host, shape(16 * GIB));
  hosts = [f.host, db.create('host', shape(16 * GIB)), db.create('host', shape(16 * GIB))];
});

describe('chooseHost', () => {
  it('takes the host with most free memory, and spares the coordinator', () => {
    const [master, two, three] = hosts;
    createVm({ power_state: 'Running', resident_on: two as Ref<'host'>, ...memory(4 * GIB) });
    f.api.db.set('pool', f.api.pool, { coordinator_bias: true });
    expect(chooseHost(f.api, createVm(), first)).toBe(three);
    createVm({ power_state: 'Running', resident_on: three as Ref<'host'>, ...memory(8 * GIB) });
    expect(chooseHost(f.api, createVm(), first)).toBe(two);
    f.api.db.set('pool', f.api.pool, { coordinator_bias: false });
    expect(chooseHost(f.api, createVm(), first)).toBe(master);
  });

  it('prefers the affinity host as long as guests can be squeezed there', () => {
    const [master, two] = hosts;
    const wide = { memory_static_max: 14 * GIB, memory_dynamic_max: 14 * GIB, memory_dynamic_min: 2 * GIB };
    createVm({ power_state: 'Running', resident_on: master as Ref<'host'>, ...wide });
    const vm = createVm({ affinity: master as Ref<'host'>, ...memory(4 * GIB) });
    expect(chooseHost(f.api, vm, first)).toBe(master);
    f.api.db.set('host', master as string, { enabled: false });
    expect(chooseHost(f.api, vm, first)).not.toBe(master);
    expect(two).toBeDefined();
  });

  it('keeps members of an anti-affinity group apart', () => {
    const [master, two, three] = hosts as [Ref<'host'>, Ref<'host'>, Ref<'host'>];
    const group = f.api.db.create('VM_group', { placement: 'anti_affinity' });
    createVm({ groups: [group], power_state: 'Running', resident_on: two });
    createVm({ groups: [group], power_state: 'Halted', scheduled_to_be_resident_on: three });
    createVm({ power_state: 'Running', resident_on: master, ...memory(12 * GIB) });
    expect(chooseHost(f.api, createVm({ groups: [group] }), first)).toBe(master);
  });

  it('counts memory that is promised, but not to the VM itself', () => {
    const [, two] = hosts as [Ref<'host'>, Ref<'host'>];
    for (const host of hosts.filter((host) => host !== two)) f.api.db.set('host', host, { enabled: false });
    const large = createVm({ ...memory(10 * GIB), scheduled_to_be_resident_on: two });
    expect(chooseHost(f.api, large, first)).toBe(two);
    expect(() => chooseHost(f.api, createVm(memory(10 * GIB)), first)).toThrow('NO_HOSTS_AVAILABLE');
  });

  it('leaves out hosts that are being emptied', () => {
    const [, two, three] = hosts as [Ref<'host'>, Ref<'host'>, Ref<'host'>];
    for (const host of [f.host, two]) f.api.db.set('host', host, { current_operations: new Map([['task', 'evacuate']]) });
    expect(chooseHost(f.api, createVm(), first)).toBe(three);
    expect(possibleHosts(f.api, createVm())).toHaveLength(3);
  });
});

describe('assertCanBootHere', () => {
  const refusal = (vm: Ref<'VM'>) => {
    try {
      assertCanBootHere(f.api, vm, f.host);
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  };

  it('names a network or an SR that the host lacks', () => {
    const { db } = f.api;
    const [, two] = hosts as [Ref<'host'>, Ref<'host'>];
    const network = db.create('network', { managed: true, bridge: 'xenbr9' });
    const vm = createVm();
    db.create('VIF', { VM: vm, network, device: '0' });
    expect(refusal(vm)).toBeUndefined();
    const user = createVm({ power_state: 'Running', resident_on: two });
    db.create('VIF', { VM: user, network, device: '0' });
    expect(refusal(vm)).toMatchObject({ code: 'VM_REQUIRES_NETWORK', params: [vm, network] });
    db.create('PIF', { host: f.host, network, physical: true, bond_slave_of: 'OpaqueRef:NULL' as Ref<'Bond'> });
    expect(refusal(vm)).toBeUndefined();
    const sr = db.create('SR', { shared: true });
    db.create('PBD', { host: two, SR: sr, currently_attached: true });
    db.create('VBD', { VM: vm, VDI: db.create('VDI', { SR: sr }), userdevice: '0', type: 'Disk', empty: false });
    expect(refusal(vm)).toMatchObject({ code: 'VM_REQUIRES_SR', params: [vm, sr] });
    expect(() => assertAgile(db, vm)).toThrow('HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED');
  });

  it.each([
    ['HOST_NOT_ENOUGH_PCPUS', { VCPUs_max: 5 }, ['5', '4']],
    ['INVALID_VALUE', { VCPUs_at_startup: 0 }, ['VCPUs-at-startup', '0']],
    ['VALUE_NOT_SUPPORTED', { actions_after_crash: 'coredump_and_restart' }, undefined],
    ['MEMORY_CONSTRAINT_VIOLATION', { memory_static_min: 2 * GIB }, []],
    ['HOST_NOT_ENOUGH_FREE_MEMORY', memory(20 * GIB), undefined],
    ['VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION', { hardware_platform_version: 9 }, undefined],
  ] as const)('says %s', (code, patch, params) => {
    expect(refusal(createVm(patch))).toMatchObject({ code, ...(params && { params }) });
  });

  it('lets platform data lift the limit of processors', () => {
    expect(refusal(createVm({ VCPUs_max: 5, platform: new Map([['vcpu-unrestricted', 'true']]) }))).toBeUndefined();
  });

  it('compares the processor that a suspended VM has seen', () => {
    const seen = (features: string, vendor = 'GenuineIntel') =>
      createVm({ power_state: 'Suspended', last_boot_CPU_flags: new Map(Object.entries({ vendor, features })) });
    expect(refusal(seen('0000000f-00000001'))).toBeUndefined();
    expect(refusal(seen('0000001f-00000001'))).toMatchObject({ code: 'VM_INCOMPATIBLE_WITH_THIS_HOST' });
    expect(refusal(seen('0000000f', 'AuthenticAMD'))).toMatchObject({ code: 'VM_INCOMPATIBLE_WITH_THIS_HOST' });
  });

  it('needs full virtualisation for such VMs only', () => {
    f.api.db.set('host', f.host, { capabilities: ['xen-3.0-x86_64'] });
    const vm = createVm();
    expect(refusal(vm)).toMatchObject({ code: 'VM_HVM_REQUIRED', params: [vm] });
    expect(refusal(createVm({ domain_type: 'pv' }))).toBeUndefined();
  });
});

describe('includesFeatures', () => {
  it('compares words bit by bit; missing words are empty', () => {
    expect(includesFeatures('f0-1', '90')).toBe(true);
    expect(includesFeatures('f0', '90-1')).toBe(false);
    expect(includesFeatures('f0', '90-0')).toBe(true);
  });
});
