import type { Command } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { download, upload } from '../../tasks/transfer.js';

const PATH = '/pool/xmldbdump';

/** The database of the pool in a file. */
export const poolDatabaseCommands: readonly Command[] = [
  {
    name: 'pool-dump-database',
    required: ['file-name'],
    optional: [],
    description: 'Fetches the whole database into a file.',
    async run(context) {
      await download(context, { label: 'Dump of the database', fileName: context.parameters.required('file-name'), path: PATH });
    },
  },
  {
    name: 'pool-restore-database',
    required: ['file-name'],
    optional: ['dry-run'],
    description: 'Puts the database back to what a file holds. With dry-run it is only seen whether that would go.',
    async run(context) {
      const { parameters, printer } = context;
      const dryRun = parameters.has('dry-run');
      if (!dryRun && !parameters.has('force'))
        throw new CommandFailure(
          'All that has changed since the dump will be lost. Use --force to go on, or dry-run=true to try.',
        );
      await upload(context, {
        label: 'Restore of the database',
        fileName: parameters.required('file-name'),
        path: PATH,
        query: { dry_run: String(dryRun) },
      });
      printer.lines(
        dryRun
          ? 'The database could be restored; nothing has been changed.'
          : 'The host will start anew with the restored database.',
      );
    },
  },
];
