import type { Host } from '../../../host/host.js';
import type { MetricOwner } from '../../../host/metrics.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { dataSources, queryDataSource, recordDataSource } from '../../measurements/data-sources.js';
import { badPowerState } from '../../operations/rules/VM/refusal.js';
import { reach } from '../../reach.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';

function owner(vm: Fields<'VM'>): MetricOwner {
  return { kind: 'vm', uuid: vm.uuid };
}

function hostOf({ api }: Call, vm: Fields<'VM'>): Host {
  return reach(api, vm.resident_on);
}

/** What is measured of a running VM. */
export const measurements: VmMessages = {
  get_data_sources: (call, self) =>
    withOperation(call, self, 'data_source_op', (vm) => dataSources(call.api, hostOf(call, vm), owner(vm))),
  query_data_source: (call, self, name) => {
    const vm = call.api.db.get('VM', self);
    if (vm.power_state !== 'Running' && vm.power_state !== 'Paused')
      throw badPowerState(self, ['Running', 'Paused'], vm.power_state, ';');
    return queryDataSource(call.api, hostOf(call, vm), owner(vm), name);
  },
  record_data_source: (call, self, name) => record(call, self, name, true),
  forget_data_source_archives: (call, self, name) => record(call, self, name, false),
};

function record(call: Call, self: Ref<'VM'>, name: string, kept: boolean): Promise<void> {
  return withOperation(call, self, 'data_source_op', (vm) => recordDataSource(call.api, hostOf(call, vm), owner(vm), name, kept));
}
