import { memoryUsage } from 'node:process';
import type { Metric, MetricOwner } from '../../host/metrics.js';

const KIB = 1024;

/** What the daemon itself takes, under the names that clients know from the original. */
export function measureToolstack(owner: MetricOwner): Metric[] {
  const { rss, heapTotal, heapUsed } = memoryUsage();
  const common = { owner, units: 'KiB', minimum: 0, maximum: Number.POSITIVE_INFINITY };
  return [
    { ...common, name: 'xapi_memory_usage_kib', description: 'Memory of the management daemon', value: rss / KIB },
    { ...common, name: 'xapi_live_memory_kib', description: 'Memory that it uses for objects', value: heapUsed / KIB },
    {
      ...common,
      name: 'xapi_free_memory_kib',
      description: 'Memory for objects that is free',
      value: (heapTotal - heapUsed) / KIB,
    },
  ];
}
