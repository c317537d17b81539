import type { Command } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { dataSourceRows, dataSourceValue } from '../data-sources.js';

/** What is measured of VMs. */
export const vmDataSourceCommands: readonly Command[] = [
  {
    name: 'vm-data-source-list',
    required: [],
    optional: [],
    selectors: 'vm',
    description: 'Lists what can be measured of a VM.',
    async run(context) {
      const lists = await onVms(context, ({ ref }) => context.api.call('VM', 'get_data_sources', ref), { single: true });
      for (const list of lists) context.printer.table(list.map(dataSourceRows));
    },
  },
  {
    name: 'vm-data-source-query',
    required: ['data-source'],
    optional: [],
    selectors: 'vm',
    description: 'Prints what is measured of VMs now.',
    async run(context) {
      const source = context.parameters.required('data-source');
      const values = await onVms(context, ({ ref }) => context.api.call('VM', 'query_data_source', ref, source));
      context.printer.lines(...values.map(dataSourceValue));
    },
  },
  {
    name: 'vm-data-source-record',
    required: ['data-source'],
    optional: [],
    selectors: 'vm',
    description: 'Keeps what is measured of VMs from now on.',
    async run(context) {
      const source = context.parameters.required('data-source');
      await onVms(context, ({ ref }) => context.api.call('VM', 'record_data_source', ref, source));
    },
  },
  {
    name: 'vm-data-source-forget',
    required: ['data-source'],
    optional: [],
    selectors: 'vm',
    description: 'Throws away what was kept of a measurement of VMs.',
    async run(context) {
      const source = context.parameters.required('data-source');
      await onVms(context, ({ ref }) => context.api.call('VM', 'forget_data_source_archives', ref, source));
    },
  },
];
