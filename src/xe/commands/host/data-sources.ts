import type { Command } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { dataSourceRows, dataSourceValue } from '../data-sources.js';

/** What is measured of hosts. */
export const hostDataSourceCommands: readonly Command[] = [
  {
    name: 'host-data-source-list',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Lists what can be measured of a host.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) =>
        printer.table((await api.call('host', 'get_data_sources', ref)).map(dataSourceRows)),
      );
    },
  },
  {
    name: 'host-data-source-query',
    required: ['data-source'],
    optional: [],
    selectors: 'host',
    description: 'Prints what is measured of a host now.',
    async run(context) {
      const { api, printer, parameters } = context;
      const source = parameters.required('data-source');
      await onHosts(context, async ({ ref }) =>
        printer.lines(dataSourceValue(await api.call('host', 'query_data_source', ref, source))),
      );
    },
  },
  {
    name: 'host-data-source-record',
    required: ['data-source'],
    optional: [],
    selectors: 'host',
    description: 'Keeps what is measured of a host from now on.',
    async run(context) {
      const source = context.parameters.required('data-source');
      await onHosts(context, ({ ref }) => context.api.call('host', 'record_data_source', ref, source));
    },
  },
  {
    name: 'host-data-source-forget',
    required: ['data-source'],
    optional: [],
    selectors: 'host',
    description: 'Throws away what was kept of a measurement of a host.',
    async run(context) {
      const source = context.parameters.required('data-source');
      await onHosts(context, ({ ref }) => context.api.call('host', 'forget_data_source_archives', ref, source));
    },
  },
];
