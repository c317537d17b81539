import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { HostMetrics, Metric } from '../../metrics.js';
import type { Session } from '../connection/session.js';
import type { VolumeSources } from '../volume-source.js';
import { Changes } from './changes.js';
import type { DiskActivity } from './disk-samples.js';
import { sampleSrActivity } from './disk-samples.js';
import { type DomainCounters, RUNNING } from './domain-counters.js';
import { sampleDomain } from './domain-samples.js';
import { type DomainStatistics, StatisticsReader } from './domain-statistics.js';
import type { HostCounterSource } from './host-counters.js';
import { sampleHost } from './host-samples.js';
import { KnownDevices } from './known-devices.js';
import { Samples } from './samples.js';
import { type MeasuredStorage, SrSpaces } from './sr-space.js';

const KIB = 1024;
/** Milliseconds of a sample. */
export interface MetricPauses {
  /** For which a sample is given to whoever else asks: rates over less than that say little. */
  readonly fresh: number;
  /** Between the first two looks at the counters, so that the very first sample has rates already. */
  readonly first: number;
  /** That a sample waits for libvirt. */
  readonly patience: number;
}

const PAUSES: MetricPauses = { fresh: 1000, first: 250, patience: 3000 };

/** What the metrics of a libvirt host are made from. */
export interface LibvirtMetricsParts {
  /** Uuid of the host. */
  readonly uuid: string;
  readonly session: Pick<Session, 'read'>;
  readonly volumes: Pick<VolumeSources, 'locate' | 'cover'>;
  readonly storage: MeasuredStorage;
  /** `LocalCounters` for the machine that the daemon runs on, `RemoteCounters` for others. */
  readonly counters: HostCounterSource;
  readonly pauses?: MetricPauses;
  warn(error: unknown, message: string): void;
}

interface MeasuredDomain {
  readonly id: number;
  readonly changes: Changes;
}

/** Measures a host and its domains: the host by its kernel's counters, all domains in one call. */
export class LibvirtMetrics implements HostMetrics {
  readonly #parts: LibvirtMetricsParts;
  readonly #pauses: MetricPauses;
  readonly #statistics: StatisticsReader;
  readonly #devices: KnownDevices;
  readonly #spaces: SrSpaces;
  readonly #hostChanges = new Changes();
  readonly #domains = new Map<string, MeasuredDomain>();
  /** When all domains were looked at last. */
  #looked: number | undefined;
  #silent = false;
  #sampling: Promise<readonly Metric[]> | undefined;
  #latest: { readonly at: number; readonly metrics: readonly Metric[] } | undefined;

  constructor(parts: LibvirtMetricsParts) {
    this.#parts = parts;
    this.#pauses = parts.pauses ?? PAUSES;
    this.#statistics = new StatisticsReader(parts.session, this.#pauses.patience);
    this.#devices = new KnownDevices(parts.session, parts.volumes, parts.warn);
    this.#spaces = new SrSpaces(parts.storage, parts.warn);
  }

  async sample(): Promise<readonly Metric[]> {
    if (this.#latest && performance.now() - this.#latest.at < this.#pauses.fresh) return this.#latest.metrics;
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = undefined;
    });
    return this.#sampling;
  }

  async #sample(): Promise<readonly Metric[]> {
    if (!this.#latest) {
      await this.#look();
      await setTimeout(this.#pauses.first);
    }
    const metrics = await this.#look();
    this.#latest = { at: performance.now(), metrics };
    return metrics;
  }

  async #look(): Promise<readonly Metric[]> {
    const [counters, statistics, spaces] = await Promise.all([
      this.#parts.counters.read(),
      this.#readDomains(),
      this.#spaces.read(),
    ]);
    const now = performance.now();
    const found: Metric[] = [];
    const host = new Samples(found, { kind: 'host', uuid: this.#parts.uuid });
    sampleHost(host, counters, this.#hostChanges, now);
    this.#hostChanges.end(now);
    const activities = statistics ? this.#sampleDomains(found, host, statistics) : undefined;
    for (const [sr, space] of spaces) {
      // What domains do there is not known when they are not.
      if (activities) sampleSrActivity(host, sr, activities);
      const own = new Samples(found, { kind: 'sr', uuid: sr });
      own.add('size', 'Size of the SR', 'B', space?.physicalSize);
      own.add('physical_utilisation', 'Space of the SR that is used', 'B', space?.physicalUtilisation);
    }
    return found;
  }

  /** The domains' counters; undefined when they cannot be had, which is said once. */
  async #readDomains(): Promise<DomainStatistics | undefined> {
    try {
      const statistics = await this.#statistics.read();
      if (statistics) await this.#devices.learn(statistics.domains);
      this.#silent = false;
      return statistics;
    } catch (thrown) {
      if (!this.#silent) this.#parts.warn(thrown, 'domains could not be measured');
      this.#silent = true;
      return undefined;
    }
  }

  #sampleDomains(found: Metric[], host: Samples, { at, domains }: DomainStatistics): readonly DiskActivity[] {
    const activities = domains.flatMap((domain) => {
      const samples = new Samples(found, { kind: 'vm', uuid: domain.uuid });
      const { changes } = this.#measured(domain);
      const own = sampleDomain(samples, domain, this.#devices.of(domain.uuid), changes, at);
      changes.end(at);
      return own;
    });
    const living = new Set(domains.map(({ uuid }) => uuid));
    for (const uuid of this.#domains.keys()) if (!living.has(uuid)) this.#domains.delete(uuid);
    this.#looked = at;
    sampleTotals(host, domains);
    return activities;
  }

  /** What is known of a domain from before. One that was not there at the last look has counted from nothing since then. */
  #measured({ uuid, id }: DomainCounters): MeasuredDomain {
    const known = this.#domains.get(uuid);
    if (known?.id === id) return known;
    const measured = { id, changes: new Changes(this.#looked) };
    this.#domains.set(uuid, measured);
    return measured;
  }
}

function sampleTotals(host: Samples, domains: readonly DomainCounters[]): void {
  const running = domains.filter(({ state }) => state === RUNNING);
  const vcpus = running.flatMap(({ vcpus: own }) => own).filter((vcpu) => vcpu.running);
  const reclaimed = domains.reduce(
    (sum, { memory, memoryMaximum }) => sum + Math.max(0, (memoryMaximum ?? 0) - (memory ?? memoryMaximum ?? 0)),
    0,
  );
  host.add('memory_reclaimed', 'Memory taken back from guests', 'B', reclaimed * KIB);
  // The host's own system counts as one.
  host.add('running_domains', 'Domains that run', 'count', running.length + 1);
  host.add('running_vcpus', 'Virtual CPUs that run', 'count', vcpus.length);
}
