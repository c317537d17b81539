import type { Database } from '../db/database.js';
import type { Host } from '../host/host.js';
import type { Metric, MetricOwner } from '../host/metrics.js';
import { ApiError } from '../model/error.js';
import { RecordVersion } from '../model/record.js';

/** Values whose history a client did not want any more, as `kind uuid name`. Forgotten when the daemon ends. */
const forgotten = new WeakMap<Database, Set<string>>();

function key({ kind, uuid }: MetricOwner, name: string): string {
  return `${kind} ${uuid} ${name}`;
}

/** Whether the history of a value is kept: it is unless a client said otherwise. */
export function isRecorded(db: Database, owner: MetricOwner, name: string): boolean {
  return !forgotten.get(db)?.has(key(owner, name));
}

async function samples(host: Host, owner: MetricOwner): Promise<readonly Metric[]> {
  return (await host.metrics.sample()).filter((metric) => metric.owner.kind === owner.kind && metric.owner.uuid === owner.uuid);
}

async function sample(host: Host, owner: MetricOwner, name: string): Promise<Metric> {
  const found = (await samples(host, owner)).find((metric) => metric.name === name);
  if (!found) throw new ApiError('INTERNAL_ERROR', `there is no data source ${name}`);
  return found;
}

/** Everything that is measured of a host, VM or SR, as `get_data_sources` tells it. */
export async function dataSources(db: Database, host: Host, owner: MetricOwner): Promise<RecordVersion<'data_source'>[]> {
  return (await samples(host, owner)).map(
    ({ name, description, units, value, minimum, maximum }) =>
      new RecordVersion('data_source', {
        name_label: name,
        name_description: description,
        enabled: isRecorded(db, owner, name),
        standard: true,
        units,
        min: minimum,
        max: maximum,
        value,
      }),
  );
}

/** The value of one thing now. Throws INTERNAL_ERROR, as the original does, for a name that nothing has. */
export async function queryDataSource(host: Host, owner: MetricOwner, name: string): Promise<number> {
  return (await sample(host, owner, name)).value;
}

/** Takes up the history of a value again, or drops it. */
export async function recordDataSource(
  db: Database,
  host: Host,
  owner: MetricOwner,
  name: string,
  recorded: boolean,
): Promise<void> {
  await sample(host, owner, name);
  const set = forgotten.get(db) ?? new Set();
  forgotten.set(db, set);
  if (recorded) set.delete(key(owner, name));
  else set.add(key(owner, name));
}
