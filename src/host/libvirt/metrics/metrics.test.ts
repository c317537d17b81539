import { DomainStatsTypes, type TypedParameter } from 'node-libvirt';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../model/error.js';
import type { Metric } from '../../metrics.js';
import type { Session } from '../connection/session.js';
import { Changes, perSecond } from './changes.js';
import { readDomainCounters } from './domain-counters.js';
import type { HostCounters } from './host-counters.js';
import { LibvirtMetrics } from './metrics.js';

const UUID = '00000000-0000-4000-8000-000000000001';
const SR = 'abcdef01-0000-4000-8000-000000000002';

const XML = `<domain type="kvm"><name>a</name><uuid>${UUID}</uuid><memory unit="KiB">2048</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type></os>
  <devices>
    <disk type="file" device="disk"><source file="/images/one"/><target dev="vda" bus="virtio"/></disk>
    <disk type="file" device="disk"><source file="/images/two"/><target dev="vdc" bus="virtio"/></disk>
    <disk type="file" device="cdrom"><source file="/images/cd"/><target dev="sdb" bus="sata"/><readonly/></disk>
    <interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="b"/><target dev="vnet7"/></interface>
  </devices></domain>`;

/** A domain that libvirt has, with numbers that a test changes. */
interface FakeDomain {
  id: number;
  values: Record<string, number | string>;
}

function parameters(values: FakeDomain['values']): TypedParameter[] {
  return Object.entries(values).map(([field, value]) =>
    typeof value === 'string' ? { field, type: 'string', value } : { field, type: 'ullong', value },
  );
}

function diskValues(number: number, name: string, bytes: number): FakeDomain['values'] {
  return {
    [`block.${number}.name`]: name,
    [`block.${number}.rd.bytes`]: bytes,
    [`block.${number}.rd.reqs`]: bytes / 4096,
    [`block.${number}.rd.times`]: bytes * 1000,
    [`block.${number}.wr.bytes`]: 0,
    [`block.${number}.wr.reqs`]: 0,
    [`block.${number}.wr.times`]: 0,
  };
}

let domains: Map<string, FakeDomain>;
let asked: string[];
/** Groups of statistics that were asked for. */
let groups: number[];
let failure: Error | undefined;
/** What holds back the next answer. */
let held: Promise<void> | undefined;
let host: HostCounters;
let warnings: string[];

beforeEach(() => {
  domains = new Map();
  asked = [];
  groups = [];
  warnings = [];
  failure = undefined;
  held = undefined;
  host = { cpus: [], load: undefined, memoryTotalKib: 1000, memoryFreeKib: 400, cards: undefined };
});

/** A libvirt of the domains above. The session's types follow from the names of calls, so one place has to say what comes back. */
const session: Pick<Session, 'read'> = {
  read: (async (procedure: string, args: { stats?: number }) => {
    asked.push(procedure);
    if (args.stats !== undefined) groups.push(args.stats);
    if (failure) throw failure;
    if (procedure.startsWith('CONNECT')) await held;
    if (procedure === 'DOMAIN_GET_XML_DESC') return { xml: XML };
    return {
      retStats: [...domains].map(([uuid, { id, values }]) => ({
        dom: { name: 'a', uuid, id },
        params: parameters(values),
      })),
    };
  }) as Session['read'],
};

function open(pauses = { fresh: 0, first: 1, patience: 1000 }): LibvirtMetrics {
  return new LibvirtMetrics({
    uuid: 'host',
    session,
    volumes: { locate: (path) => (path === '/images/one' ? { sr: SR, location: 'one' } : undefined), cover: () => undefined },
    storage: { attachedSrs: () => [SR], space: async () => ({ physicalSize: 10, physicalUtilisation: 4 }) },
    counters: { read: async () => host },
    warn: (_error, message) => void warnings.push(message),
    pauses,
  });
}

async function values(metrics: LibvirtMetrics, kind: Metric['owner']['kind']): Promise<ReadonlyMap<string, number>> {
  return new Map((await metrics.sample()).filter(({ owner }) => owner.kind === kind).map(({ name, value }) => [name, value]));
}

function running(values_: FakeDomain['values'] = {}): FakeDomain {
  return { id: 1, values: { 'state.state': 1, 'vcpu.0.state': 1, 'vcpu.0.time': 0, 'balloon.current': 2048, ...values_ } };
}

describe('a counter', () => {
  it('counts from where it was, from nothing when it began anew, and not at all the first time', () => {
    const changes = new Changes();
    expect(changes.of('a', 100, 1000)).toBeUndefined();
    expect(changes.of('a', 150, 3000)).toEqual({ amount: 50, seconds: 2 });
    expect(changes.of('a', 30, 4000)).toEqual({ amount: 30, seconds: 1 });
    expect(changes.of('a', 40, 4000)).toBeUndefined();
    expect(changes.of('a', undefined, 5000)).toBeUndefined();
    expect(perSecond(changes.of('a', 60, 6000))).toBe(15);
  });

  it('that stood at nothing at a known time counts from then, at the first look only', () => {
    const changes = new Changes(1000);
    expect(changes.of('a', 100, 3000)).toEqual({ amount: 100, seconds: 2 });
    changes.end(3000);
    expect(changes.of('b', 100, 4000)).toBeUndefined();
  });

  it('is forgotten when nobody reads it', () => {
    const changes = new Changes();
    changes.of('a', 1, 0);
    changes.end(601_000);
    expect(changes.of('a', 2, 602_000)).toBeUndefined();
  });
});

describe('statistics of a domain', () => {
  it('are sorted by what they belong to', () => {
    const params = parameters({
      'state.state': 1,
      'balloon.current': 2048,
      'vcpu.current': 2,
      'vcpu.1.state': 1,
      'vcpu.1.time': 5,
      'net.count': 1,
      'net.0.name': 'vnet7',
      'net.0.rx.bytes': 9,
      'block.0.name': 'vda',
      'block.0.path': '/images/one',
      'block.0.rd.bytes': 7,
      'block.1.rd.bytes': 7,
    });
    expect(readDomainCounters({ name: 'a', uuid: UUID, id: 3 }, params)).toEqual({
      name: 'a',
      uuid: UUID,
      id: 3,
      state: 1,
      cpuTime: undefined,
      memory: 2048,
      memoryMaximum: undefined,
      memoryUnused: undefined,
      vcpus: [{ number: 1, running: true, time: 5 }],
      nics: [{ target: 'vnet7', values: new Map([['rx.bytes', 9]]) }],
      disks: [{ target: 'vda', values: new Map([['rd.bytes', 7]]) }],
    });
  });
});

describe('metrics of a libvirt host', () => {
  it('give each device of a domain its number, and leave CD drives out', async () => {
    const metrics = open();
    await metrics.sample();
    domains.set(
      UUID,
      running({
        ...diskValues(0, 'vda', 8192),
        ...diskValues(1, 'vdc', 0),
        ...diskValues(2, 'sdb', 4096),
        'net.0.name': 'vnet7',
        'net.0.rx.bytes': 10,
        'net.0.tx.bytes': 20,
      }),
    );
    const found = await values(metrics, 'vm');
    expect([...found.keys()].filter((name) => name.endsWith('_read'))).toEqual(
      ['xvda', 'xvdc'].flatMap((disk) => [`vbd_${disk}_read`, `vbd_${disk}_io_throughput_read`, `vbd_${disk}_iops_read`]),
    );
    expect(found.get('vbd_xvda_read')).toBeGreaterThan(0);
    expect(found.get('vbd_xvda_read_latency')).toBeCloseTo(4096);
    const [rx = 0, tx = 0] = [found.get('vif_0_rx'), found.get('vif_0_tx')];
    expect(tx / rx).toBeCloseTo(2);
    const ofHost = await values(metrics, 'host');
    expect(ofHost.has(`io_throughput_read_${SR.slice(0, 8)}`)).toBe(true);
  });

  it('add up what is done in an SR', async () => {
    const metrics = open();
    await metrics.sample();
    domains.set(UUID, running({ ...diskValues(0, 'vda', 2 ** 20), ...diskValues(1, 'vdc', 2 ** 30) }));
    const sample = await metrics.sample();
    const value = (kind: string, name: string) => sample.find((one) => one.owner.kind === kind && one.name === name)?.value;
    expect(value('host', `io_throughput_read_${SR.slice(0, 8)}`)).toBe(value('vm', 'vbd_xvda_io_throughput_read'));
    expect([value('sr', 'size'), value('sr', 'physical_utilisation')]).toEqual([10, 4]);
  });

  it('ask libvirt once for all domains, and for a description only when devices change', async () => {
    for (let i = 0; i < 3; i++) domains.set(UUID.replace(/1$/, String(i)), running(diskValues(0, 'vda', 0)));
    const metrics = open();
    for (let i = 0; i < 4; i++) await metrics.sample();
    const count = (name: string) => asked.filter((one) => one === name).length;
    expect([count('CONNECT_GET_ALL_DOMAIN_STATS'), count('DOMAIN_GET_XML_DESC')]).toEqual([5, 3]);
    domains.set(UUID, running({ ...diskValues(0, 'vda', 0), ...diskValues(1, 'vdc', 0) }));
    await metrics.sample();
    expect(count('DOMAIN_GET_XML_DESC')).toBe(4);
  });

  it('leave out what a busy domain does not tell, and go on afterwards', async () => {
    domains.set(UUID, running(diskValues(0, 'vda', 0)));
    const metrics = open();
    expect((await values(metrics, 'vm')).has('vbd_xvda_read')).toBe(true);
    domains.set(UUID, { id: 1, values: { 'state.state': 1, 'cpu.time': 5 } });
    const busy = await values(metrics, 'vm');
    expect([...busy.keys()]).toEqual([]);
    domains.set(UUID, running(diskValues(0, 'vda', 4096)));
    expect((await values(metrics, 'vm')).get('vbd_xvda_read')).toBeGreaterThan(0);
  });

  it('never tell of a CPU that is busier than it can be', async () => {
    const metrics = open();
    await metrics.sample();
    domains.set(UUID, running({ 'vcpu.0.time': 10 ** 15 }));
    const found = await values(metrics, 'vm');
    expect([found.get('cpu0'), found.get('cpu_usage')]).toEqual([1, 1]);
  });

  it('tell of the host alone when libvirt cannot be asked, and say so once', async () => {
    domains.set(UUID, running());
    const metrics = open();
    await metrics.sample();
    failure = new ApiError('HOST_OFFLINE', 'host');
    for (let i = 0; i < 3; i++) {
      const sample = await metrics.sample();
      expect(sample.map(({ owner, name }) => `${owner.kind} ${name}`)).toEqual([
        'host memory_total_kib',
        'host memory_free_kib',
        'sr size',
        'sr physical_utilisation',
      ]);
    }
    expect(warnings).toEqual(['domains could not be measured']);
    failure = undefined;
    expect((await values(metrics, 'vm')).get('memory')).toBe(2048 * 1024);
  });

  it('ask for the time of whole processes only where virtual CPUs have none of their own', async () => {
    domains.set(UUID, { id: 1, values: { 'state.state': 1, 'vcpu.0.state': 1, 'cpu.time': 0 } });
    const metrics = open();
    await metrics.sample();
    domains.set(UUID, { id: 1, values: { 'state.state': 1, 'vcpu.0.state': 1, 'cpu.time': 1 } });
    expect((await values(metrics, 'vm')).get('cpu_usage')).toBeGreaterThan(0);
    domains.set(UUID, running());
    for (let i = 0; i < 2; i++) await metrics.sample();
    const total = groups.map((group) => (group & DomainStatsTypes.CPU_TOTAL) !== 0);
    expect([total[0], total[1], total.at(-1)]).toEqual([false, true, false]);
  });

  it('do not wait for a libvirt that does not answer, nor ask it again meanwhile', async () => {
    domains.set(UUID, running());
    const metrics = open({ fresh: 0, first: 1, patience: 5 });
    let release = (): void => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    for (let i = 0; i < 3; i++) expect((await values(metrics, 'vm')).size).toBe(0);
    expect(asked).toEqual(['CONNECT_GET_ALL_DOMAIN_STATS']);
    expect((await values(metrics, 'host')).has('memory_total_kib')).toBe(true);
    held = undefined;
    release();
    await new Promise((resolve) => setTimeout(resolve, 1));
    // What came too late for the sample before is what the next one gets.
    expect((await values(metrics, 'vm')).has('memory')).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('give a sample that is young to whoever else asks, and one that goes on to all who wait', async () => {
    const metrics = open({ fresh: 10_000, first: 1, patience: 1000 });
    const [one, two] = await Promise.all([metrics.sample(), metrics.sample()]);
    expect(two).toBe(one);
    expect(await metrics.sample()).toBe(one);
    expect(asked).toHaveLength(2);
  });

  it('take the CPUs and cards of the host from its counters', async () => {
    const metrics = open();
    const card = { device: 'eth0', upper: false, received: 0, receiveErrors: 0, sent: 0, sendErrors: 0 };
    host = {
      ...host,
      cpus: [
        { number: 0, busy: 0, total: 0 },
        { number: 1, busy: 0, total: 0 },
      ],
      load: 0.5,
      cards: [card],
    };
    await metrics.sample();
    host = {
      ...host,
      cpus: [
        { number: 0, busy: 50, total: 100 },
        { number: 1, busy: 0, total: 100 },
      ],
      cards: [
        { ...card, received: 1000, sent: 500 },
        { ...card, device: 'bond0', upper: true, received: 1000, sent: 500 },
      ],
    };
    const found = await values(metrics, 'host');
    expect([found.get('cpu0'), found.get('cpu1'), found.get('cpu_avg'), found.get('loadavg')]).toEqual([0.5, 0, 0.25, 0.5]);
    const [rx = 0, tx = 0] = [found.get('pif_eth0_rx'), found.get('pif_eth0_tx')];
    expect(rx / tx).toBeCloseTo(2);
    expect(found.get('pif_aggr_rx')).toBe(rx);
  });
});
