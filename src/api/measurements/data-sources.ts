import type { Host } from '../../host/host.js';
import type { Metric, MetricOwner } from '../../host/metrics.js';
import { ApiError } from '../../model/error.js';
import { RecordVersion } from '../../model/record.js';
import type { Api } from '../api.js';
import type { OwnerArchives } from './owner-archives.js';
import { STEP } from './plan.js';

/** Milliseconds for which a measurement tells what is now: the next one is due then, and has had its time. */
const FRESH = 1.5 * STEP * 1000;

type Measured = Pick<Metric, 'name' | 'description' | 'units' | 'value' | 'minimum' | 'maximum'>;

/** What the archives have of the last measurement; undefined when that is too old or there was none. */
function latest(archives: OwnerArchives | undefined): readonly Measured[] | undefined {
  if (!archives || Math.abs(Date.now() - archives.updated) > FRESH) return undefined;
  const second = Math.floor(archives.updated / 1000);
  return archives.sources.flatMap(({ name, description, units, minimum, maximum, seen }, column) =>
    seen === second ? [{ name, description, units, minimum, maximum, value: archives.last(column) }] : [],
  );
}

async function measure(host: Host, { kind, uuid }: MetricOwner): Promise<readonly Metric[]> {
  return (await host.metrics.sample()).filter(({ owner }) => owner.kind === kind && owner.uuid === uuid);
}

function noSource(name: string): ApiError {
  return new ApiError('INTERNAL_ERROR', `there is no data source ${name}`);
}

/** Everything that is measured of a host, VM or SR, as `get_data_sources` tells it. */
export async function dataSources(api: Api, host: Host, owner: MetricOwner): Promise<RecordVersion<'data_source'>[]> {
  const sources = latest(api.measurements.find(owner)) ?? (await measure(host, owner));
  const archives = await api.measurements.look(owner);
  return sources.map(
    ({ name, description, units, value, minimum, maximum }) =>
      new RecordVersion('data_source', {
        name_label: name,
        name_description: description,
        enabled: isRecorded(archives, name),
        standard: true,
        units,
        min: minimum,
        max: maximum,
        value,
      }),
  );
}

/** Whether the history of a value is kept: it is unless a client said otherwise. */
function isRecorded(archives: OwnerArchives | undefined, name: string): boolean {
  const column = archives?.column(name);
  return column === undefined || (archives?.sources[column]?.recorded ?? true);
}

/** The value of one thing now. Throws INTERNAL_ERROR, as the original does, for a name that nothing has. */
export async function queryDataSource(api: Api, host: Host, owner: MetricOwner, name: string): Promise<number> {
  const archives = api.measurements.find(owner);
  const column = archives?.column(name);
  if (archives && column !== undefined && Date.now() - archives.updated < FRESH) {
    const value = archives.last(column);
    if (!Number.isNaN(value)) return value;
  }
  const found = (await measure(host, owner)).find((source) => source.name === name);
  if (!found) throw noSource(name);
  return found.value;
}

/** Takes up the history of a value again, or drops it; that lasts. Throws INTERNAL_ERROR for a name that nothing has. */
export async function recordDataSource(api: Api, host: Host, owner: MetricOwner, name: string, recorded: boolean): Promise<void> {
  if (await api.measurements.setRecorded(owner, name, recorded)) return;
  // Not measured for the archives yet: what is measured now makes it known to them.
  const metrics = await measure(host, owner);
  if (!metrics.some((metric) => metric.name === name)) throw noSource(name);
  await api.measurements.take(Date.now(), [{ owner, metrics }]);
  if (!(await api.measurements.setRecorded(owner, name, recorded))) throw noSource(name);
}
