import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { emulateSchema, hasShape, shortKeys } from './emulate.js';
import { completePlan, type EmulatedPlan } from './emulate-plan.js';

const GiB = 2 ** 30;
const TiB = 2 ** 40;

const line = (path: readonly PropertyKey[], message: string): string => (path.length ? `${path.join('.')}: ${message}` : message);

/** What is wrong with the form alone. */
const issues = (raw: unknown): string =>
  emulateSchema
    .safeParse(raw)
    .error?.issues.map(({ path, message }) => line(path, message))
    .join('\n') ?? 'accepted';

/** What is wrong with the whole. */
const problems = (raw: unknown): string => {
  const found: string[] = [];
  completePlan(emulateSchema.parse(raw), (key, message) => found.push(`${key}: ${message}`));
  return found.join('\n') || 'accepted';
};

const plan = (raw: unknown): EmulatedPlan =>
  completePlan(emulateSchema.parse(raw), (key, message) => {
    throw new Error(`${key}: ${message}`);
  });

describe('the short form', () => {
  it('says what hosts, SRs and VMs there are', () => {
    const made = plan('hosts=2, vms=10,running=3,suspended=1,vm-memory=512MiB,vm-vcpus=2,vm-disk=4GiB,delay=1.5s,networks=2');
    expect(made.hosts).toHaveLength(2);
    expect(made.hosts[1]).toEqual({
      name: 'host-2',
      hostname: 'host-2',
      memory: 64 * GiB,
      cpus: 16,
      nics: [
        { carrier: true, speed: 10_000 },
        { carrier: true, speed: 10_000 },
      ],
    });
    expect(made.srs.map(({ name, type, shared, size }) => [name, type, shared, size])).toEqual([
      ['Local storage', 'lvm', false, 2 * TiB],
      ['NFS virtual disk storage', 'nfs', true, 2 * TiB],
    ]);
    expect(made.vms).toEqual([
      {
        count: 10,
        name: 'vm-{n}',
        description: '',
        template: undefined,
        states: { running: 3, suspended: 1, paused: 0 },
        memory: 2 ** 29,
        vcpus: 2,
        disks: [{ name: undefined, size: 4 * GiB, sr: undefined }],
        networks: [0],
        cd: true,
        tools: true,
        host: undefined,
      },
    ]);
    expect(made.networks).toEqual([]);
    expect(made.delays).toEqual({
      start: 1500,
      shutdown: 1500,
      reboot: 1500,
      suspend: 1500,
      resume: 1500,
      migrate: 1500,
      hostBoot: 1500,
      tools: 0,
    });
  });

  it('is the same as a map, with numbers as numbers or as text', () => {
    const map = { hosts: 2, vms: '10', 'vm-memory': GiB, tools: false, seed: 7 };
    expect(emulateSchema.parse(map)).toEqual(emulateSchema.parse('hosts=2,vms=10,vm-memory=1GiB,tools=false,seed=7'));
  });

  it('is one host without VMs when nothing is said', () => {
    const { hosts, vms, delays, tools, faults } = plan('');
    expect([hosts.length, vms, delays.start, tools, faults]).toEqual([1, [], 0, true, []]);
  });

  it('makes hosts and SRs large enough for the VMs', () => {
    const made = plan('hosts=2,vms=400,running=300,vm-disk=16GiB');
    expect(made.hosts[0]?.memory).toBe(192 * GiB);
    expect(made.srs[0]?.size).toBe(12_800 * GiB);
    expect(plan('vms=400,running=300,host-memory=32GiB,sr-size=1TiB')).toMatchObject({
      hosts: [{ memory: 32 * GiB }],
      srs: [{ size: TiB }, { size: TiB }],
    });
  });

  it('may leave VMs without a disk', () => {
    expect(plan('vms=1,vm-disk=0').vms[0]?.disks).toEqual([]);
  });

  it('has words of help for every key that can be said in it', () => {
    for (const key of Object.keys(shortKeys)) expect(issues({ [key]: key === 'tools' ? 'false' : '1' })).not.toContain('unknown');
  });

  it.each([
    ['hosts=2,vmz=4', /unknown "vmz": the keys are hosts, vms, /],
    ['hosts', /expected KEY=VALUE, got "hosts"/],
    ['hosts=1,hosts=2', /hosts is given twice/],
    ['hosts=0', /hosts: expected a whole number from 1 to 64, got "0"/],
    ['vms=-1', /vms: expected a whole number/],
    ['vms=20001', /20000/],
    ['vm-memory=4GB', /vm-memory: expected a size from 16MiB to 1TiB/],
    ['delay=1d', /delay: expected a time/],
    ['tools=maybe', /tools: expected true or false/],
    ['__proto__=1', /unknown "__proto__"/],
    [['hosts=1'], /expected hosts=N/],
    [7, /expected hosts=N/],
  ])('refuses %j', (raw, message) => {
    expect(issues(raw)).toMatch(message);
  });

  it('names every key that is wrong', () => {
    expect(issues('hosts=x,vms=y')).toMatch(/hosts: .*\nvms: /);
  });
});

describe('lists', () => {
  it('describe each host, network, SR and group of VMs', () => {
    const made = plan({
      hosts: [
        { name: 'big', memory: '128GiB', cpus: 32, nics: 3 },
        { hostname: 'small.lan', nics: [{ carrier: false }, {}] },
      ],
      networks: [
        { name: 'LAN', nic: 0 },
        { name: 'DMZ', nic: 1, vlan: 20 },
        { name: 'inside', mtu: 9000 },
      ],
      srs: [
        { name: 'disks', type: 'ext', size: '300GiB' },
        { name: 'filer', type: 'nfs', 'device-config': { server: 'filer', serverpath: '/vms', nfsversion: 4 } },
        { name: 'one only', type: 'lvm', host: 1 },
        { name: 'isos', type: 'iso', images: [{ name: 'debian.iso', size: '600MiB' }] },
      ],
      vms: [
        { count: 3, name: 'web', running: 2, paused: 1, networks: ['DMZ', 'inside'], template: 'debian-12', tools: false },
        {
          name: 'db',
          state: 'Suspended',
          memory: '4GiB',
          disks: [{ size: '100GiB', sr: 'one only' }, { name: 'log' }],
          cd: false,
        },
        { count: 2, disks: 0, networks: 2, host: 0 },
      ],
      'vm-disk': '20GiB',
      delays: { start: '2s', 'host-boot': '1min' },
      delay: 10,
    });
    expect(made.hosts.map(({ name, hostname, memory, cpus, nics }) => [name, hostname, memory, cpus, nics.length])).toEqual([
      ['big', 'host-1', 128 * GiB, 32, 3],
      ['small.lan', 'small.lan', 64 * GiB, 16, 2],
    ]);
    expect(made.networks.map(({ name, nic, vlan, mtu }) => [name, nic, vlan, mtu])).toEqual([
      ['LAN', 0, undefined, 1500],
      ['DMZ', 1, 20, 1500],
      ['inside', undefined, undefined, 9000],
    ]);
    expect(made.srs.map(({ name, shared, host, size }) => [name, shared, host, size])).toEqual([
      ['disks', false, undefined, 300 * GiB],
      ['filer', true, undefined, 2 * TiB],
      ['one only', false, 1, 2 * TiB],
      ['isos', true, undefined, 2 * TiB],
    ]);
    expect(made.srs[1]?.deviceConfig?.get('nfsversion')).toBe('4');
    expect(made.vms).toMatchObject([
      { name: 'web-{n}', states: { running: 2, suspended: 0, paused: 1 }, networks: [1, 2], tools: false },
      { name: 'db', states: { suspended: 1 }, networks: [0], tools: true, cd: false },
      { name: 'vm-3-{n}', disks: [], networks: [0, 1], host: 0 },
    ]);
    expect(made.vms[1]?.disks).toEqual([
      { name: undefined, size: 100 * GiB, sr: 'one only' },
      { name: 'log', size: 20 * GiB, sr: undefined },
    ]);
    expect(made.delays).toMatchObject({ start: 2000, hostBoot: 60_000, shutdown: 10 });
  });

  it.each([
    [{ hosts: [{ nics: [{ speed: -1 }] }] }, /hosts\.0\.nics\.0\.speed: expected a whole number/],
    [{ hosts: [{ ram: 1 }] }, /hosts\.0: unknown "ram": the keys are name, hostname, memory, cpus, nics/],
    [{ hosts: ['one'] }, /hosts\.0: expected a map, got "one"/],
    [{ vms: [{ state: 'Sleeping' }] }, /vms\.0\.state: expected one of Halted, Running, Paused, Suspended, got "Sleeping"/],
    [{ vms: [{ template: 'dos' }] }, /vms\.0\.template: expected the reference label of a shipped template/],
    [{ vms: [{ count: 2, running: 3 }] }, /vms\.0\.count: running=3, .* are more than count=2/],
    [{ vms: [{ state: 'Running', running: 1 }] }, /vms\.0\.state/],
    [{ srs: [{ type: 'tape', name: 'x' }] }, /srs\.0\.type: expected one of lvm, ext, /],
    [{ srs: [{ type: 'ext', name: 'x', shared: true }] }, /srs\.0\.shared: an SR of type ext belongs to one host/],
    [{ srs: [{ type: 'nfs', name: 'x', 'device-config': {} }] }, /srs\.0\.device-config: The server parameter is missing/],
    [{ 'host-memory': '4 bananas' }, /host-memory: expected a size/],
    [{ networks: [{}] }, /networks\.0\.name/],
    [{ delays: { lunch: 1 } }, /delays: unknown "lunch": the keys are start, shutdown/],
    [{ faults: [{ message: '*', error: ['NOPE'] }] }, /faults\.0\.error\.0: there is no error NOPE/],
    [{ faults: [{ message: '*' }] }, /faults\.0: expected an error, a delay, or both/],
    [{ faults: {} }, /faults/],
  ])('refuses %j', (raw, message) => {
    expect(issues(raw)).toMatch(message);
  });
});

describe('the whole', () => {
  it.each([
    ['vms=2,running=2,suspended=1', /running: running=2 and suspended=1 are more than vms=2/],
    [{ vms: [{}], running: 1 }, /running: is said in the groups of vms/],
    [{ hosts: [] }, /hosts: a pool needs a host/],
    [{ srs: [{ type: 'ext', name: 'x', host: 3 }] }, /srs\.0\.host: there is no host 3/],
    [{ hosts: [{ nics: 1 }, { nics: 2 }], networks: [{ name: 'x', nic: 1 }] }, /networks\.0\.nic: not every host has a NIC 1/],
    [{ networks: [{ name: 'x', vlan: 5 }] }, /networks\.0\.vlan: a VLAN needs a nic/],
    [
      {
        networks: [
          { name: 'x', nic: 0 },
          { name: 'y', nic: 0 },
        ],
      },
      /networks\.1\.nic: another network leads there/,
    ],
    [{ networks: [{ name: 'x' }, { name: 'x' }] }, /networks\.1\.name/],
    [{ vms: [{ networks: ['nowhere'] }] }, /vms\.0\.networks\.0: there is no network named nowhere/],
    [
      { srs: [{ type: 'iso', name: 'cds' }], vms: [{ disks: [{ sr: 'cds' }] }] },
      /vms\.0\.disks\.0\.sr: there is no SR for disks/,
    ],
    [{ srs: [], vms: 1 }, /srs: there is none for the disks/],
    [{ vms: [{ host: 1 }] }, /vms\.0\.host: there is no host 1/],
    [
      {
        hosts: 2,
        srs: [0, 1].map((host) => ({ type: 'ext', name: `sr${host}`, host })),
        vms: [{ disks: [{ sr: 'sr0' }, { sr: 'sr1' }] }],
      },
      /vms\.0\.disks: are on SRs of different hosts/,
    ],
    [
      { hosts: 2, srs: [{ type: 'ext', name: 'x', host: 0 }], vms: [{ host: 1 }] },
      /vms\.0\.disks: are on an SR that host 1 does not have/,
    ],
  ])('refuses %j', (raw, message) => {
    expect(problems(raw)).toMatch(message);
  });

  it('takes the example of the documentation', () => {
    const text = readFileSync(new URL('../../docs/emulated-pool.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    expect(plan(parse(example))).toMatchObject({
      hosts: [
        { name: 'alpha', nics: [{}, {}] },
        { name: 'beta', nics: [{ carrier: true }, { carrier: false }] },
      ],
      vms: [{ count: 20, states: { running: 15, paused: 1 } }, { host: 0 }, { tools: false, states: { suspended: 3 } }],
      faults: [{ probability: 0.1 }, { message: 'VDI.*', delay: 500 }],
    });
    for (const key of Object.keys(shortKeys)) expect(text).toContain(`\`${key}\``);
  });

  it('tells shape from behaviour', () => {
    expect(hasShape(emulateSchema.parse('delay=1,tools=false,seed=x'))).toBe(false);
    expect(hasShape(emulateSchema.parse('srs=2'))).toBe(true);
  });
});
