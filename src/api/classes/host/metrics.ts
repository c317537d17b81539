import { toDateTime } from '../../../model/datetime.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { dataSources, queryDataSource, recordDataSource } from '../../measurements/data-sources.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

function owner({ api }: Call, host: Ref<'host'>) {
  return { kind: 'host', uuid: api.db.get('host', host).uuid } as const;
}

/** What is measured of a host. */
export const metricsMessages: HostMessages = {
  get_data_sources: (call, host) => dataSources(call.api, reach(call.api, host), owner(call, host)),
  query_data_source: (call, host, name) => queryDataSource(call.api, reach(call.api, host), owner(call, host), name),
  record_data_source: (call, host, name) => recordDataSource(call.api, reach(call.api, host), owner(call, host), name, true),
  forget_data_source_archives: (call, host, name) =>
    recordDataSource(call.api, reach(call.api, host), owner(call, host), name, false),
  tickle_heartbeat: ({ api: { db } }, host) => {
    const { metrics } = db.get('host', host);
    db.set('host_metrics', metrics, { live: true, last_updated: toDateTime() });
    return new Map();
  },
};
