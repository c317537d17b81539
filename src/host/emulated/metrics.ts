import { setImmediate } from 'node:timers/promises';
import type { HostMetrics, Metric, MetricOwner } from '../metrics.js';
import type { Clock } from './clock.js';
import type { EmulatedCompute } from './compute/compute.js';
import type { Domain } from './compute/domain.js';
import { hash32 } from './random.js';
import type { EmulatedStorage } from './storage/storage.js';
import { walk } from './walk.js';

const KIB = 1024;
const MIB = 2 ** 20;
/** Domains after which others get their turn: a few milliseconds of work. */
const AT_ONCE = 100;
const UNLIMITED = Number.POSITIVE_INFINITY;

/** What the metrics of a host tell of. Memory in bytes. */
export interface MeasuredHost {
  readonly uuid: string;
  readonly cpus: number;
  readonly memory: number;
  readonly cards: readonly string[];
  readonly compute: EmulatedCompute;
  readonly storage: EmulatedStorage;
  freeMemory(): number;
  isLive(): boolean;
}

/** Collects the values of one owner; a walk of a value follows from the owner's uuid and the value's name. */
class Samples {
  private readonly found: Metric[];
  private readonly owner: MetricOwner;
  private readonly now: number;
  private readonly seed: number;

  constructor(found: Metric[], owner: MetricOwner, now: number) {
    this.found = found;
    this.owner = owner;
    this.now = now;
    this.seed = hash32(owner.uuid);
  }

  /** A value between 0 and 1 that wanders. */
  share(name: string): number {
    return walk(this.seed ^ hash32(name), this.now);
  }

  add(name: string, description: string, units: string, value: number, maximum = UNLIMITED): void {
    this.found.push({ owner: this.owner, name, description, units, value, minimum: 0, maximum });
  }

  /** A rate that wanders between nothing and a peak. */
  rate(name: string, description: string, units: string, peak: number): number {
    const value = peak * this.share(name) ** 3;
    this.add(name, description, units, value);
    return value;
  }
}

/** Measures an emulated host: values that move believably, and the real ones where there are some. */
export class EmulatedMetrics implements HostMetrics {
  private readonly host: MeasuredHost;
  private readonly clock: Clock;

  constructor(host: MeasuredHost, clock: Clock) {
    this.host = host;
    this.clock = clock;
  }

  async sample(): Promise<readonly Metric[]> {
    if (!this.host.isLive()) return [];
    const found: Metric[] = [];
    const now = this.clock.now();
    const domains = this.host.compute.live();
    this.sampleHost(new Samples(found, { kind: 'host', uuid: this.host.uuid }, now), domains);
    for (const [index, domain] of domains.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
      sampleDomain(new Samples(found, { kind: 'vm', uuid: domain.uuid }, now), domain);
    }
    for (const sr of this.host.storage.attachedSrs()) await this.sampleSr(found, sr, now);
    return found;
  }

  private sampleHost(samples: Samples, domains: readonly Domain[]): void {
    const { cpus, memory, cards } = this.host;
    let busy = 0;
    for (let cpu = 0; cpu < cpus; cpu++) {
      const value = 0.6 * samples.share(`cpu${cpu}`);
      busy += value;
      samples.add(`cpu${cpu}`, `Physical CPU ${cpu} usage`, '(fraction)', value, 1);
    }
    samples.add('cpu_avg', 'Average of all physical CPUs', '(fraction)', busy / cpus, 1);
    samples.add('loadavg', 'Load of the control domain per CPU', '(fraction)', samples.share('loadavg'));
    samples.add('hostload', 'Load per physical CPU', '(fraction)', busy / cpus);
    samples.add('memory_total_kib', 'Memory of the host', 'KiB', memory / KIB);
    samples.add('memory_free_kib', 'Memory that is free', 'KiB', this.host.freeMemory() / KIB);
    const reclaimed = domains.reduce((sum, { memoryMaximum, memory: now }) => sum + Math.max(0, memoryMaximum - now), 0);
    const reclaimable = domains.reduce((sum, { memoryMaximum, memoryMinimum }) => sum + memoryMaximum - memoryMinimum, 0);
    samples.add('memory_reclaimed', 'Memory taken back from guests', 'B', reclaimed);
    samples.add('memory_reclaimed_max', 'Memory that could be taken back from guests', 'B', reclaimable);
    const running = domains.filter(({ power }) => power === 'Running');
    samples.add('running_domains', 'Domains that run', 'count', running.length + 1);
    samples.add('running_vcpus', 'Virtual CPUs that run', 'count', Math.round(busy));
    samples.add('runnable_vcpus', 'Virtual CPUs that wait for a CPU', 'count', Math.round(2 * samples.share('runnable')));
    let received = 0;
    let sent = 0;
    for (const card of cards) {
      received += samples.rate(`pif_${card}_rx`, `Bytes received on ${card}`, 'B/s', 60 * MIB);
      sent += samples.rate(`pif_${card}_tx`, `Bytes sent on ${card}`, 'B/s', 60 * MIB);
      samples.add(`pif_${card}_rx_errors`, `Errors receiving on ${card}`, 'err/s', 0);
      samples.add(`pif_${card}_tx_errors`, `Errors sending on ${card}`, 'err/s', 0);
    }
    samples.add('pif_aggr_rx', 'Bytes received on all cards', 'B/s', received);
    samples.add('pif_aggr_tx', 'Bytes sent on all cards', 'B/s', sent);
  }

  private async sampleSr(found: Metric[], sr: string, now: number): Promise<void> {
    const short = sr.slice(0, 8);
    const { physicalSize, physicalUtilisation } = await this.host.storage.space(sr);
    const own = new Samples(found, { kind: 'sr', uuid: sr }, now);
    own.add('size', 'Size of the SR', 'B', physicalSize);
    own.add('physical_utilisation', 'Space of the SR that is used', 'B', physicalUtilisation);
    const samples = new Samples(found, { kind: 'host', uuid: this.host.uuid }, now);
    for (const way of ['read', 'write']) {
      samples.rate(`io_throughput_${way}_${short}`, `Data ${way} in SR ${short}`, 'MiB/s', 200);
      samples.rate(`iops_${way}_${short}`, `Requests to ${way} in SR ${short}`, 'requests/s', 4000);
      samples.rate(`${way}_latency_${short}`, `Time of a ${way} in SR ${short}`, 'μs', 5000);
    }
    samples.rate(`iowait_${short}`, `Time spent waiting for SR ${short}`, '(fraction)', 1);
    samples.rate(`inflight_${short}`, `Requests under way in SR ${short}`, 'requests', 32);
  }
}

function sampleDomain(samples: Samples, domain: Domain): void {
  const runs = domain.power === 'Running';
  const activity = runs ? 1 : 0;
  let busy = 0;
  for (let cpu = 0; cpu < domain.vcpus; cpu++) {
    const value = activity * 0.8 * samples.share(`cpu${cpu}`);
    busy += value;
    samples.add(`cpu${cpu}`, `Virtual CPU ${cpu} usage`, '(fraction)', value, 1);
  }
  samples.add('cpu_usage', 'Average of all virtual CPUs', '(fraction)', busy / domain.vcpus, 1);
  samples.add('memory', 'Memory of the guest', 'B', domain.memory);
  samples.add('memory_target', 'Memory that the guest is to have', 'B', domain.memory);
  if (domain.guest !== undefined) {
    const free = (domain.memory / KIB) * (0.2 + 0.6 * samples.share('memory_internal_free'));
    samples.add('memory_internal_free', 'Memory that is free inside the guest', 'KiB', free);
  }
  for (const { position } of domain.nics.values()) {
    samples.rate(`vif_${position}_rx`, `Bytes received by card ${position}`, 'B/s', activity * 10 * MIB);
    samples.rate(`vif_${position}_tx`, `Bytes sent by card ${position}`, 'B/s', activity * 10 * MIB);
    samples.add(`vif_${position}_rx_errors`, `Errors receiving by card ${position}`, 'err/s', 0);
    samples.add(`vif_${position}_tx_errors`, `Errors sending by card ${position}`, 'err/s', 0);
  }
  for (const { position, kind } of domain.disks.values()) if (kind === 'Disk') sampleDisk(samples, position, activity);
}

function sampleDisk(samples: Samples, position: number, activity: number): void {
  const disk = `vbd_${deviceName(position)}`;
  const read = samples.rate(`${disk}_read`, `Bytes read from ${disk}`, 'B/s', activity * 20 * MIB);
  const write = samples.rate(`${disk}_write`, `Bytes written to ${disk}`, 'B/s', activity * 20 * MIB);
  samples.rate(`${disk}_read_latency`, `Time of a read from ${disk}`, 'μs', activity * 3000);
  samples.rate(`${disk}_write_latency`, `Time of a write to ${disk}`, 'μs', activity * 3000);
  samples.add(`${disk}_io_throughput_read`, `Data read from ${disk}`, 'MiB/s', read / MIB);
  samples.add(`${disk}_io_throughput_write`, `Data written to ${disk}`, 'MiB/s', write / MIB);
  samples.add(`${disk}_io_throughput_total`, `Data moved by ${disk}`, 'MiB/s', (read + write) / MIB);
  samples.add(`${disk}_iops_read`, `Requests to read from ${disk}`, 'requests/s', Math.floor(read / 16 / KIB));
  samples.add(`${disk}_iops_write`, `Requests to write to ${disk}`, 'requests/s', Math.floor(write / 16 / KIB));
  samples.add(
    `${disk}_iops_total`,
    `Requests to ${disk}`,
    'requests/s',
    Math.floor(read / 16 / KIB) + Math.floor(write / 16 / KIB),
  );
  samples.rate(`${disk}_iowait`, `Time spent waiting for ${disk}`, '(fraction)', activity);
  samples.rate(`${disk}_inflight`, `Requests under way to ${disk}`, 'requests', activity * 8);
}

/** Name of a disk inside a guest: `xvda` for 0. */
function deviceName(position: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (position % 26));
  return position < 26 ? `xvd${letter}` : `xvd${String.fromCharCode('a'.charCodeAt(0) + Math.floor(position / 26) - 1)}${letter}`;
}
