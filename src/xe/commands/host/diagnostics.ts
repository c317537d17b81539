import type { Command } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { hostOfUuid } from './host-of-uuid.js';
import { licenseTable } from './license-table.js';
import { rightAligned } from './right-aligned.js';

/** Parameters of a look at the requests that were served. */
const REQUEST_FILTERS = ['uri', 'method', 'params'];

/** Figures of the service itself, for people who support it. */
export const diagnosticCommands: readonly Command[] = [
  {
    name: 'diagnostic-compact',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Has the service of a host give back memory that it does not use.',
    async run(context) {
      await onHosts(context, ({ ref }) => context.api.call('Diagnostics', 'gc_compact', ref));
    },
  },
  {
    name: 'diagnostic-gc-stats',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Shows the memory of the service of a host.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) => printer.table([[...(await api.call('Diagnostics', 'gc_stats', ref))]]));
    },
  },
  {
    name: 'diagnostic-db-stats',
    required: [],
    optional: [],
    description: 'Shows figures of the database.',
    async run({ api, printer }) {
      const figures = await api.call('Diagnostics', 'db_stats');
      printer.message(`Database: ${[...figures].map(([key, value]) => `${key}=${value}`).join(' ')}`);
    },
  },
  {
    name: 'diagnostic-net-stats',
    required: [],
    optional: ['uri', 'method', 'params'],
    selectors: 'host',
    description: 'Shows the requests that the service of a host has answered.',
    async run(context) {
      const { api, parameters, printer } = context;
      const filters = new Map(
        REQUEST_FILTERS.flatMap((name) => {
          const value = parameters.find(name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
      await onHosts(context, async ({ ref }) => {
        for (const line of rightAligned(await api.call('Diagnostics', 'network_stats', ref, filters))) printer.message(line);
      });
    },
  },
  {
    name: 'diagnostic-timing-stats',
    required: [],
    optional: [],
    description: 'Shows how long parts of the service of each host have taken.',
    async run({ api, printer }) {
      for (const [host, { fields }] of api.records('host')) {
        const timings = await api.call('host', 'get_diagnostic_timing_stats', host, false);
        printer.table([[['host-uuid', fields.uuid], ['host-name-label', fields.name_label], ...timings]]);
      }
    },
  },
  {
    name: 'diagnostic-license-status',
    required: [],
    optional: [],
    description: 'Shows the licenses of all hosts, and what the pool may do with them.',
    run({ api, printer }) {
      for (const line of licenseTable([...api.records('host').values()], [...api.records('pool').values()], Date.now()))
        printer.message(line);
    },
  },
  {
    name: 'host-get-sm-diagnostics',
    required: ['uuid'],
    optional: [],
    description: 'Shows what the storage of a host is doing.',
    async run(context) {
      context.printer.message(await context.api.call('host', 'get_sm_diagnostics', hostOfUuid(context)));
    },
  },
  {
    name: 'host-get-thread-diagnostics',
    required: ['uuid'],
    optional: [],
    description: 'Shows what the threads of the service of a host are doing.',
    async run(context) {
      context.printer.message(await context.api.call('host', 'get_thread_diagnostics', hostOfUuid(context)));
    },
  },
];
