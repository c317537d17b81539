import type { Command } from '../../command.js';
import { onSrs } from '../../selectors/srs.js';
import { dataSourceRows, dataSourceValue } from '../data-sources.js';

/** What is measured of SRs. */
export const srDataSourceCommands: readonly Command[] = [
  {
    name: 'sr-data-source-list',
    required: [],
    optional: [],
    selectors: 'sr',
    description: 'Lists what can be measured of an SR.',
    async run(context) {
      const lists = await onSrs(context, ({ ref }) => context.api.call('SR', 'get_data_sources', ref));
      for (const list of lists) context.printer.table(list.map(dataSourceRows));
    },
  },
  {
    name: 'sr-data-source-query',
    required: ['data-source'],
    optional: [],
    selectors: 'sr',
    description: 'Prints what is measured of an SR now.',
    async run(context) {
      const source = context.parameters.required('data-source');
      const values = await onSrs(context, ({ ref }) => context.api.call('SR', 'query_data_source', ref, source));
      for (const value of values) context.printer.lines(dataSourceValue(value));
    },
  },
  {
    name: 'sr-data-source-record',
    required: ['data-source'],
    optional: [],
    selectors: 'sr',
    description: 'Keeps what is measured of an SR from now on.',
    async run(context) {
      const source = context.parameters.required('data-source');
      await onSrs(context, ({ ref }) => context.api.call('SR', 'record_data_source', ref, source));
    },
  },
  {
    name: 'sr-data-source-forget',
    required: ['data-source'],
    optional: [],
    selectors: 'sr',
    description: 'Throws away what was kept of a measurement of an SR.',
    async run(context) {
      const source = context.parameters.required('data-source');
      await onSrs(context, ({ ref }) => context.api.call('SR', 'forget_data_source_archives', ref, source));
    },
  },
];
