import type { Command } from '../../command.js';
import { download } from '../../tasks/transfer.js';

const LABEL = 'Audit log';

/** Who has done what. */
export const auditLogCommands: readonly Command[] = [
  {
    name: 'audit-log-get',
    required: ['filename'],
    optional: ['since'],
    description: 'Fetches the audit log, or what is newer than a time, into a file.',
    async run(context) {
      const { client, parameters } = context;
      const fileName = parameters.required('filename');
      const since = parameters.find('since');
      const query = since === undefined ? {} : { since };
      await download(context, { label: LABEL, fileName, path: '/audit_log', query });
      // Without a name the log itself goes to the client's standard output.
      if (fileName !== '') client.print(`${LABEL} succeeded`);
    },
  },
];
