import type { Metric, MetricOwner } from '../../host/metrics.js';
import type { Measured } from './measurements.js';

/** Sorts a sample by whose values they are. */
export function byOwner(sample: readonly Metric[]): Measured[] {
  const groups = new Map<string, { owner: MetricOwner; metrics: Metric[] }>();
  let group: { owner: MetricOwner; metrics: Metric[] } | undefined;
  for (const metric of sample) {
    const { owner } = metric;
    // Values of one owner come together mostly.
    if (group?.owner !== owner) {
      const key = `${owner.kind} ${owner.uuid}`;
      group = groups.get(key);
      if (!group) {
        group = { owner, metrics: [] };
        groups.set(key, group);
      }
    }
    group.metrics.push(metric);
  }
  return [...groups.values()];
}
