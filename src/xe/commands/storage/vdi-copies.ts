import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { printUuid, refOf, refOrNull } from '../support.js';

/** Copies of disks. */
export const vdiCopyCommands: readonly Command[] = [
  {
    name: 'vdi-snapshot',
    required: ['uuid'],
    optional: ['driver-params-'],
    description: 'Takes a snapshot of a disk, which cannot be written, and prints its uuid.',
    async run(context) {
      const vdi = refOf(context, 'VDI', 'uuid');
      const snapshot = await context.api.call('VDI', 'snapshot', vdi, context.parameters.map('driver-params'));
      printUuid(context, 'VDI', snapshot);
    },
  },
  {
    name: 'vdi-clone',
    required: ['uuid'],
    optional: ['driver-params-', 'new-name-label', 'new-name-description'],
    description: 'Clones a disk, quickly where the SR can, and prints the uuid of the clone.',
    async run(context) {
      const { api, parameters } = context;
      const vdi = refOf(context, 'VDI', 'uuid');
      const clone = await api.call('VDI', 'clone', vdi, parameters.map('driver-params'));
      const name = parameters.find('new-name-label');
      if (name !== undefined) await api.call('VDI', 'set_name_label', clone, name);
      const description = parameters.find('new-name-description');
      if (description !== undefined) await api.call('VDI', 'set_name_description', clone, description);
      printUuid(context, 'VDI', clone);
    },
  },
  {
    name: 'vdi-copy',
    required: ['uuid'],
    optional: ['sr-uuid', 'base-vdi-uuid', 'into-vdi-uuid'],
    description:
      'Copies the data of a disk into a new one in an SR, or into one that is there, and prints the uuid of the copy. With base-vdi-uuid only what differs from that disk is copied.',
    run: copyVdi,
  },
  {
    name: 'vdi-pool-migrate',
    required: ['uuid', 'sr-uuid'],
    optional: ['dest-img-format'],
    description: 'Moves a disk to another SR, also while its VM runs, and prints its uuid.',
    async run(context) {
      const { api, parameters } = context;
      const vdi = refOf(context, 'VDI', 'uuid');
      const sr = refOf(context, 'SR', 'sr-uuid');
      const format = parameters.find('dest-img-format');
      const options = new Map(format === undefined ? [] : [['dest-img-format', format]]);
      printUuid(context, 'VDI', await api.call('VDI', 'pool_migrate', vdi, sr, options));
    },
  },
];

async function copyVdi(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const vdi = refOf(context, 'VDI', 'uuid');
  const base = refOrNull(context, 'VDI', 'base-vdi-uuid');
  if (parameters.has('sr-uuid') === parameters.has('into-vdi-uuid'))
    throw new CommandFailure(
      'Either sr-uuid (to make a new disk there) or into-vdi-uuid (to copy into that disk) is needed, not both',
    );
  const sr = refOrNull(context, 'SR', 'sr-uuid');
  const into = refOrNull(context, 'VDI', 'into-vdi-uuid');
  printUuid(context, 'VDI', await api.call('VDI', 'copy', vdi, sr, base, into));
}
