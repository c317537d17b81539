import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { parseSize, parseWord } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Types that a new VDI may have; the others are the server's own. */
const TYPES = ['system', 'user', 'suspend', 'crashdump'] as const;

/** Life of virtual disks. */
export const vdiCommands: readonly Command[] = [
  {
    name: 'vdi-create',
    required: ['sr-uuid', 'name-label', 'virtual-size'],
    optional: ['sm-config:', 'sharable', 'tags:', 'type'],
    description: `Makes a disk in an SR and prints its uuid. Sizes take a suffix such as GiB; the type is one of ${TYPES.join(', ')}.`,
    run: createVdi,
  },
  {
    name: 'vdi-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Destroys a disk and what is on it.',
    run: onUuid('VDI', 'destroy'),
  },
  {
    name: 'vdi-forget',
    required: ['uuid'],
    optional: [],
    description: 'Removes a disk from the database and leaves its storage as it is.',
    run: onUuid('VDI', 'forget'),
  },
  {
    name: 'vdi-update',
    required: ['uuid'],
    optional: [],
    description: 'Reads the fields of a disk from its storage again.',
    run: onUuid('VDI', 'update'),
  },
  {
    name: 'vdi-resize',
    required: ['uuid', 'disk-size'],
    optional: ['online'],
    description: 'Makes a disk larger; with online=true while a VM uses it.',
    async run(context) {
      const { api, parameters } = context;
      const vdi = refOf(context, 'VDI', 'uuid');
      const size = parseSize('disk-size', parameters.required('disk-size'));
      await api.call('VDI', parameters.find('online') === 'true' ? 'resize_online' : 'resize', vdi, size);
    },
  },
  {
    name: 'vdi-unlock',
    required: ['uuid'],
    optional: ['force'],
    description: 'Breaks the lock of a disk, which destroys data when a host does use it. Needs --force.',
    async run(context) {
      const vdi = refOf(context, 'VDI', 'uuid');
      if (!context.parameters.boolean('force'))
        throw new CommandFailure('Breaking the lock of a disk in use destroys its data: --force is required');
      await context.api.call('VDI', 'force_unlock', vdi);
    },
  },
  {
    name: 'vdi-generate-config',
    required: ['host-uuid', 'uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Prints what a host needs to know to attach a disk without the database.',
    async run(context) {
      const vdi = refOf(context, 'VDI', 'uuid');
      context.printer.lines(await context.api.call('VDI', 'generate_config', refOf(context, 'host', 'host-uuid'), vdi));
    },
  },
];

async function createVdi(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const sr = refOf(context, 'SR', 'sr-uuid');
  const vdi = await api.create('VDI', {
    SR: sr,
    name_label: parameters.required('name-label'),
    name_description: '',
    virtual_size: parseSize('virtual-size', parameters.required('virtual-size')),
    type: parseWord(TYPES, parameters.text('type', 'user')),
    sharable: parameters.boolean('sharable'),
    read_only: false,
    other_config: new Map(),
    xenstore_data: new Map(),
    sm_config: parameters.map('sm-config'),
    tags: [...parameters.map('tags').keys()],
  });
  printUuid(context, 'VDI', vdi);
}
