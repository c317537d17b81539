import type { Command, CommandContext } from '../../command.js';
import { ProgressBar } from '../../tasks/progress-bar.js';
import { download, upload } from '../../tasks/transfer.js';
import { refOf } from '../support.js';

/** Content of disks to and from files of the client's. */
export const vdiTransferCommands: readonly Command[] = [
  {
    name: 'vdi-export',
    required: ['uuid', 'filename'],
    optional: ['format', 'base', 'progress'],
    description:
      'Writes the content of a disk into a new file: raw, or in another format such as vhd, perhaps only what differs from base.',
    run: (context) =>
      withBar(context, (onProgress) =>
        download(context, { ...transferOf(context, ['format', 'base']), path: '/export_raw_vdi', onProgress }),
      ),
  },
  {
    name: 'vdi-import',
    required: ['uuid', 'filename'],
    optional: ['format', 'progress'],
    description: 'Fills a disk with the content of a file, raw or in another format such as vhd.',
    run: (context) =>
      withBar(context, (onProgress) =>
        upload(context, { ...transferOf(context, ['format']), path: '/import_raw_vdi', onProgress }),
      ),
  },
];

function transferOf(context: CommandContext, options: readonly string[]) {
  const { api, command, parameters } = context;
  const query: Record<string, string> = { vdi: api.uuid('VDI', refOf(context, 'VDI', 'uuid')) };
  for (const name of options) {
    const value = parameters.find(name);
    if (value !== undefined) query[name] = value;
  }
  return { label: command.name, fileName: parameters.required('filename'), query };
}

/** Runs a transfer, with a bar on standard error where the command line asks for one. */
async function withBar(context: CommandContext, work: (onProgress: (share: number) => void) => Promise<string>): Promise<void> {
  if (!context.parameters.boolean('progress')) {
    await work(() => undefined);
    return;
  }
  const bar = new ProgressBar(performance.now());
  await work((share) => {
    const line = bar.advance(share, performance.now());
    if (line !== undefined) context.client.printError(line);
  });
  context.client.printError(bar.end(performance.now()));
}
