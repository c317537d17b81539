import type { Metric } from '../../host/metrics.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import type { Measured } from './measurements.js';

/** Values of the host that its control domain has under a name of its own. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^cpu\d+$/, '$&'],
  [/^cpu_avg$/, 'cpu_usage'],
];

/**
 * What the control domain of a host does. It is the host's own system, so that its CPUs are the host's; clients that show a
 * host by its control domain find it there.
 */
export function measureControlDomain({ db }: Api, host: Ref<'host'>, ofHost: readonly Metric[]): Measured | undefined {
  const domain = db.find('VM', db.get('host', host).control_domain)?.fields;
  if (!domain || !ofHost.length) return undefined;
  const owner = { kind: 'vm', uuid: domain.uuid } as const;
  const metrics: Metric[] = [];
  for (const metric of ofHost)
    for (const [pattern, name] of NAMES)
      if (pattern.test(metric.name)) metrics.push({ ...metric, owner, name: metric.name.replace(pattern, name) });
  const memory = db.find('VM_metrics', domain.metrics)?.fields.memory_actual ?? domain.memory_target;
  const common = { owner, units: 'B', minimum: 0, maximum: Number.POSITIVE_INFINITY };
  metrics.push(
    { ...common, name: 'memory', description: 'Memory of the control domain', value: memory },
    { ...common, name: 'memory_target', description: 'Memory that the control domain is to have', value: domain.memory_target },
  );
  return { owner, metrics };
}
