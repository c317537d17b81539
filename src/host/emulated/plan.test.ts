import { describe, expect, it } from 'vitest';
import { PlanError, parseEmulateFlag, parsePlan } from './plan.js';

const GIB = 2 ** 30;

describe('emulation plan', () => {
  it('is one host without VMs when nothing is said', () => {
    const plan = parsePlan({});
    expect(plan.hosts).toHaveLength(1);
    expect(plan.hosts[0]).toMatchObject({ name: 'host1', hostname: 'host1', memory: 64 * GIB });
    expect(plan.networks.map(({ nic }) => nic)).toEqual([0, 1]);
    expect(plan.vms).toEqual([]);
    expect(plan.defaultSr).toBe('Local storage');
    expect(plan.srs.filter(({ tools }) => tools)).toHaveLength(1);
    expect(parsePlan(undefined)).toEqual(plan);
  });

  it('gives every VM of the flag a card, a disk and an empty CD drive', () => {
    const plan = parsePlan(parseEmulateFlag('hosts=2, vms=3,running=2,memory=2GiB,vcpus=4,diskSize=20GiB,delay=50,seed=7'));
    expect(plan.hosts).toHaveLength(2);
    expect(plan.vms.map(({ name, state }) => `${name} ${state}`)).toEqual(['vm-1 Running', 'vm-2 Running', 'vm-3 Halted']);
    for (const vm of plan.vms) {
      expect(vm).toMatchObject({ vcpus: 4, memory: 2 * GIB, cd: true, tools: true });
      expect(vm.disks).toMatchObject([{ size: 20 * GIB, sr: undefined }]);
      expect(vm.nics).toEqual(['Pool-wide network associated with eth0']);
      expect(vm.platform.get('cores-per-socket')).toBe('1');
      expect(vm.otherConfig.get('base_template_name')).toBeTruthy();
    }
    expect(plan.delays).toMatchObject({ start: 50, migrate: 50, tools: 0 });
    expect(plan.defaultSr).toBe('NFS virtual disk storage');
    expect(plan.seed).toBe('7');
  });

  it('makes hosts large enough for the VMs', () => {
    const plan = parsePlan({ vms: { count: 1000, memory: '4GiB', disks: [{ size: '1TiB' }] } });
    const [host] = plan.hosts;
    expect(host?.memory).toBeGreaterThan(4000 * GIB);
    expect(plan.srs.find(({ name }) => name === plan.defaultSr)?.size).toBeGreaterThan(1000 * 1024 * GIB);
  });

  it('takes groups of VMs with states, sizes and places', () => {
    const plan = parsePlan({
      srs: [
        { type: 'ext', name: 'local' },
        { type: 'nfs', name: 'shared', shared: true, size: '2TiB' },
      ],
      networks: [{ name: 'lan', nic: 0 }, { name: 'dmz', nic: 1, vlan: 20 }, { name: 'inside' }],
      vms: [
        { count: 3, name: 'web-{n}', states: ['Running', 'Paused'], nics: ['dmz', 'inside'], tools: false },
        { name: 'db', windows: true, disks: [{ size: 100, sr: 'local' }, { size: '1.5M' }], cd: false },
      ],
    });
    expect(plan.vms.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'web-1 Running',
      'web-2 Paused',
      'web-3 Running',
      'db Halted',
    ]);
    expect(plan.vms[0]).toMatchObject({ nics: ['dmz', 'inside'], tools: false });
    expect(plan.vms[3]?.disks.map(({ size }) => size)).toEqual([100, 1.5 * 2 ** 20]);
    expect(plan.vms[3]?.platform.get('viridian')).toBe('true');
    expect(plan.defaultSr).toBe('shared');
  });

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['an unknown key', { host: 2 }, /emulate: unknown key host/],
    ['too many hosts', { hosts: 1000 }, /emulate\.hosts/],
    ['no number', { vms: 'many' }, /emulate\.vms/],
    ['a key deep inside', { hosts: [{ nics: [{ speed: -1 }] }] }, /emulate\.hosts\.0\.nics\.0\.speed/],
    ['an unknown state', { vms: [{ states: ['Sleeping'] }] }, /emulate\.vms\.0\.states\.0/],
    ['an unknown SR type', { srs: [{ type: 'tape', name: 'x' }] }, /emulate\.srs\.0\.type/],
    ['a size without sense', { hostMemory: '4 bananas' }, /emulate\.hostMemory: is no size/],
    ['an unknown error code', { faults: [{ message: '*', error: { code: 'NOPE' } }] }, /emulate\.faults\.0\.error\.code/],
    ['a fault that does nothing', { faults: [{ message: '*' }] }, /emulate\.faults\.0: needs/],
    ['an SR of a host that is not there', { srs: [{ type: 'ext', name: 'x', host: 3 }] }, /emulate\.srs\.0\.host/],
    ['a card that is not there', { networks: [{ name: 'x', nic: 9 }] }, /emulate\.networks\.0\.nic/],
    ['a network that is not there', { vms: [{ nics: ['nowhere'] }] }, /emulate\.vms\.0\.nics/],
    ['a disk on a CD library', { vms: [{ disks: [{ sr: 'ISO library' }] }] }, /emulate\.vms\.0\.disks/],
    ['disks without an SR', { srs: [], vms: 1 }, /emulate\.srs/],
    ['sizes beside groups', { vms: [{}], running: 1 }, /emulate\.running/],
    ['no object', 5, /emulate/],
  ];
  for (const [what, input, message] of wrong) {
    it(`names the key of ${what}`, () => {
      expect(() => parsePlan(input)).toThrow(PlanError);
      expect(() => parsePlan(input)).toThrow(message);
    });
  }

  it('refuses a flag that is not key=value, or a key twice', () => {
    expect(() => parseEmulateFlag('hosts')).toThrow(PlanError);
    expect(() => parseEmulateFlag('hosts=1,hosts=2')).toThrow(/emulate\.hosts/);
    expect(() => parsePlan(parseEmulateFlag('__proto__=1'))).toThrow(/__proto__/);
    expect(parseEmulateFlag('')).toEqual({});
  });
});
