import type { Host } from '../../../host/host.js';
import type { MetricOwner } from '../../../host/metrics.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassBehaviour } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { dataSources as list, queryDataSource, recordDataSource } from '../../measurements/data-sources.js';
import { hostForSr } from '../../storage/placement.js';

/** What is measured of an SR. */
export const dataSources: ClassBehaviour<'SR'>['messages'] = {
  get_data_sources: (call, self) => list(call.api, ...measured(call, self)),
  query_data_source: (call, self, name) => queryDataSource(call.api, ...measured(call, self), name),
  record_data_source: (call, self, name) => recordDataSource(call.api, ...measured(call, self), name, true),
  forget_data_source_archives: (call, self, name) => recordDataSource(call.api, ...measured(call, self), name, false),
};

/** The host that measures an SR, and the SR's name there. */
function measured({ api }: Call, self: Ref<'SR'>): [Host, MetricOwner] {
  return [api.hosts.get(hostForSr(api, self)), { kind: 'sr', uuid: api.db.get('SR', self).uuid }];
}
