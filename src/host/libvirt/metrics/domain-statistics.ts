import { performance } from 'node:perf_hooks';
import { ConnectGetAllDomainStatsFlags, DomainStatsTypes } from 'node-libvirt';
import type { Session } from '../connection/session.js';
import { type DomainCounters, RUNNING, readDomainCounters, type VcpuCounters } from './domain-counters.js';

const { STATE, CPU_TOTAL, BALLOON, VCPU, INTERFACE, BLOCK } = DomainStatsTypes;
const STATISTICS = STATE | BALLOON | VCPU | INTERFACE | BLOCK;

/** Those that live; a domain that something else works on is asked nothing that would have to wait. */
const { ACTIVE, NOWAIT } = ConnectGetAllDomainStatsFlags;

/** Milliseconds after which a call is given up for lost. */
const LOST = 60_000;

/** What libvirt said of all living domains, and when (milliseconds of a clock that never jumps). */
export interface DomainStatistics {
  readonly at: number;
  readonly domains: readonly DomainCounters[];
}

/**
 * Asks libvirt for the counters of all living domains, in one call at a time. On a busy host an answer may take longer than a
 * sample can wait: then the next sample gets it, and another call is on its way already.
 */
export class StatisticsReader {
  readonly #session: Pick<Session, 'read'>;
  readonly #patience: number;
  #reading: Promise<DomainStatistics> | undefined;
  /** Whether some domain has no thread for each virtual CPU. The time of its whole process takes libvirt as long to find as all others. */
  #wantsTotal = false;
  /** What came when its sample had gone on. */
  #late: DomainStatistics | undefined;

  /**
   * `patience`: milliseconds that a sample waits. A QEMU that does not answer (one that has just begun to emulate) holds up the
   * whole call.
   */
  constructor(session: Pick<Session, 'read'>, patience: number) {
    this.#session = session;
    this.#patience = patience;
  }

  /** The counters of now or a moment ago; undefined when libvirt takes too long, this time. Rejects when it cannot be asked. */
  async read(): Promise<DomainStatistics | undefined> {
    const reading = this.#begin();
    const late = this.#late;
    this.#late = undefined;
    if (late) {
      this.#keep(reading);
      return late;
    }
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#patience, undefined);
    });
    try {
      const statistics = await Promise.race([reading, limit]);
      if (!statistics) this.#keep(reading);
      return statistics;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What an earlier sample did not wait for is not asked for again: it would only stand in line. */
  #begin(): Promise<DomainStatistics> {
    this.#reading ??= this.#call().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Keeps an answer for the next sample. A failure is of no interest: the next sample asks again. */
  #keep(reading: Promise<DomainStatistics>): void {
    reading.then(
      (statistics) => {
        this.#late = statistics;
      },
      () => undefined,
    );
  }

  async #call(): Promise<DomainStatistics> {
    const { retStats } = await this.#session.read(
      'CONNECT_GET_ALL_DOMAIN_STATS',
      { doms: [], stats: this.#wantsTotal ? STATISTICS | CPU_TOTAL : STATISTICS, flags: ACTIVE | NOWAIT },
      { timeout: LOST },
    );
    const at = performance.now();
    const domains = retStats.map(({ dom, params }) => readDomainCounters(dom, params));
    this.#wantsTotal = domains.some(({ state, vcpus }) => state === RUNNING && vcpus.length && vcpus.every(hasNoTime));
    return { at, domains };
  }
}

function hasNoTime({ time }: VcpuCounters): boolean {
  return time === undefined;
}
