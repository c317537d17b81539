import type { Command } from '../../command.js';
import { type Parameters, STANDARD_PARAMETERS } from '../../parameters.js';
import { onHosts } from '../../selectors/hosts.js';
import { onUuid, refOf } from '../support.js';

/** Parameters that say what is sent and where to; all others are options of the sending. */
const NO_OPTIONS: ReadonlySet<string> = new Set(['host', 'uuid', 'url']);

/** What is sent to people who help. */
export const hostReportCommands: readonly Command[] = [
  {
    name: 'host-bugreport-upload',
    required: [],
    optional: ['url', 'http_proxy'],
    selectors: 'host',
    description: 'Has a host send a report about itself to a URL.',
    async run(context) {
      const { api, parameters } = context;
      const options = optionsOf(parameters);
      await onHosts(context, ({ ref }) => api.call('host', 'bugreport_upload', ref, parameters.text('url', ''), options));
    },
  },
  {
    name: 'host-crashdump-upload',
    required: ['uuid'],
    optional: ['url', 'http_proxy'],
    description: 'Has a host send a dump of one of its crashes to a URL.',
    async run(context) {
      const { api, parameters } = context;
      const dump = refOf(context, 'host_crashdump', 'uuid');
      await api.call('host_crashdump', 'upload', dump, parameters.text('url', ''), optionsOf(parameters));
    },
  },
  {
    name: 'host-crashdump-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Deletes a dump of a crash from its host.',
    run: onUuid('host_crashdump', 'destroy'),
  },
];

/** The password of the login is among the parameters, and is nobody else's business. */
function optionsOf({ list }: Parameters): Map<string, string> {
  const given = list.filter(({ name }) => !NO_OPTIONS.has(name) && !STANDARD_PARAMETERS.has(name));
  return new Map(given.map(({ name, value }) => [name, value]));
}
