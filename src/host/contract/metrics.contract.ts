import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostMetrics } from '../metrics.js';
import { eventually } from './watch.js';

/** Metrics to be tested. */
export interface MetricsFixture {
  readonly metrics: HostMetrics;
  readonly host: string;
  /** A domain that runs with one CPU, one disk at position 0 and one card at position 0. */
  readonly domain: string;
  /** An SR that is attached. */
  readonly sr: string;
  /** Ends the domain. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** What the metrics of every host must tell. */
export function describeMetrics(name: string, makeFixture: () => Promise<MetricsFixture>): void {
  describe(`metrics contract: ${name}`, () => {
    let fixture: MetricsFixture;

    beforeEach(async () => {
      fixture = await makeFixture();
    });
    afterEach(() => fixture.close());

    const names = async (kind: string, uuid: string): Promise<readonly string[]> =>
      (await fixture.metrics.sample())
        .filter(({ owner }) => owner.kind === kind && owner.uuid === uuid)
        .map((metric) => metric.name);

    it('measures the host', async () => {
      const wanted = ['cpu0', 'cpu_avg', 'loadavg', 'memory_total_kib', 'memory_free_kib', 'pif_aggr_rx', 'pif_aggr_tx'];
      expect(await names('host', fixture.host)).toEqual(expect.arrayContaining(wanted));
    });

    it('measures a domain while it runs', async () => {
      const wanted = ['cpu0', 'cpu_usage', 'memory', 'memory_target', 'vif_0_rx', 'vif_0_tx', 'vbd_xvda_read', 'vbd_xvda_write'];
      expect(await names('vm', fixture.domain)).toEqual(expect.arrayContaining(wanted));
      await fixture.stop();
      // A sample may be given for a moment to whoever else asks.
      await eventually(async () => (await names('vm', fixture.domain)).length === 0);
    });

    it('measures an SR', async () => {
      const short = fixture.sr.slice(0, 8);
      expect(await names('host', fixture.host)).toEqual(
        expect.arrayContaining([`io_throughput_read_${short}`, `iops_write_${short}`, `iowait_${short}`, `inflight_${short}`]),
      );
    });

    it('gives each value once, within its bounds, with words and units', async () => {
      const samples = await fixture.metrics.sample();
      expect(new Set(samples.map(({ owner, name: one }) => `${owner.kind} ${owner.uuid} ${one}`)).size).toBe(samples.length);
      for (const sample of samples) {
        expect(sample.value).toBeGreaterThanOrEqual(sample.minimum);
        expect(sample.value).toBeLessThanOrEqual(sample.maximum);
        expect(sample.description).not.toBe('');
        expect(sample.units).not.toBe('');
      }
    });
  });
}
