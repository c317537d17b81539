import type { Command } from '../../command.js';
import { onUuid, refOf } from '../support.js';

/** Tracking of what has changed on disks. */
export const vdiChangeCommands: readonly Command[] = [
  {
    name: 'vdi-enable-cbt',
    required: ['uuid'],
    optional: [],
    description: 'Keeps track of the blocks of a disk that change.',
    run: onUuid('VDI', 'enable_cbt'),
  },
  {
    name: 'vdi-disable-cbt',
    required: ['uuid'],
    optional: [],
    description: 'Keeps no track of the blocks of a disk any more.',
    run: onUuid('VDI', 'disable_cbt'),
  },
  {
    name: 'vdi-data-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Destroys the data of a snapshot and keeps what is needed to tell which blocks have changed since.',
    run: onUuid('VDI', 'data_destroy'),
  },
  {
    name: 'vdi-list-changed-blocks',
    required: ['vdi-from-uuid', 'vdi-to-uuid'],
    optional: [],
    description: 'Prints which blocks differ between two disks: a bit for each 64 KiB, in base64.',
    async run(context) {
      const from = refOf(context, 'VDI', 'vdi-from-uuid');
      const to = refOf(context, 'VDI', 'vdi-to-uuid');
      context.client.print(await context.api.call('VDI', 'list_changed_blocks', from, to));
    },
  },
];
