import type { Command } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { onHosts, selectHosts } from '../../selectors/hosts.js';
import { download, upload } from '../../tasks/transfer.js';
import { logsFileName } from './logs-file-name.js';

/** Forms in which a status report can be fetched. */
const ARCHIVES: ReadonlySet<string> = new Set(['tar', 'tar.bz2', 'zip']);

/** Files that come from hosts and go to them. */
export const hostTransferCommands: readonly Command[] = [
  {
    name: 'host-backup',
    required: ['file-name'],
    optional: [],
    selectors: 'host',
    description: 'Fetches a backup of the system of a host into a file.',
    async run(context) {
      const fileName = context.parameters.required('file-name');
      await onHosts(context, () => download(context, { label: 'Backup of a host', fileName, path: '/host_backup' }), {
        single: true,
      });
    },
  },
  {
    name: 'host-restore',
    required: ['file-name'],
    optional: [],
    selectors: 'host',
    description: 'Puts the system of a host back to what a backup holds.',
    async run(context) {
      const fileName = context.parameters.required('file-name');
      await onHosts(context, () => upload(context, { label: 'Restore of a host', fileName, path: '/host_restore' }), {
        single: true,
      });
    },
  },
  {
    name: 'host-logs-download',
    required: [],
    optional: ['file-name'],
    selectors: 'host',
    description: 'Fetches the logs of a host into a file, whose name is made from the time if none is given.',
    async run(context) {
      const given = context.parameters.find('file-name') ?? logsFileName(new Date());
      const several = (await selectHosts(context)).length > 1;
      await onHosts(context, ({ record: { fields } }) => {
        const fileName = several ? `${given}-${fields.name_label}` : given;
        return download(context, { label: 'Logs of a host', fileName, path: '/host_logs_download' });
      });
    },
  },
  {
    name: 'host-get-system-status',
    required: ['filename'],
    optional: ['entries', 'output'],
    selectors: 'host',
    description: 'Fetches a status report of a host into a file: of entries, with commas between them, as tar, tar.bz2 or zip.',
    async run(context) {
      const { parameters } = context;
      const fileName = parameters.required('filename');
      const query = { entries: parameters.text('entries', ''), output: parameters.text('output', 'tar.bz2') };
      if (!ARCHIVES.has(query.output))
        throw new CommandFailure(`The output of a status report is one of ${[...ARCHIVES].join(', ')}, not ${query.output}`);
      await onHosts(context, () =>
        download(context, { label: 'Status report of a host', fileName, path: '/system-status', query }),
      );
    },
  },
  {
    name: 'host-get-system-status-capabilities',
    required: [],
    optional: [],
    selectors: 'host',
    flags: ['neverforward'],
    session: 'local',
    description: 'Tells in XML what a status report of a host can hold.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) => printer.lines(await api.call('host', 'get_system_status_capabilities', ref)));
    },
  },
];
